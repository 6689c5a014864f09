// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.bench.ReaderCase.Lengths;
import org.unroll.rnn.bench.ReaderCase.Task;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;

class ReaderCaseTest {
  @Test
  void the_example_is_read() {
    Lengths lengths = new Lengths(14, 60);
    assertThat(ReaderCase.parse(ReaderCase.EXAMPLE))
        .isEqualTo(
            new ReaderCase(
                "mine", CellType.GRU, 1, 64, 50, 5000, Task.TAG, 12, 32, lengths, 0.5, 0.1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "rnn", "rnn-relu"})
  void a_text_is_read_as_it_was_written(String cell) {
    String text = "my.case-1=" + cell + ":2x8:7:30:classify-3:4:9-20:0.25-0.001";
    assertThat(ReaderCase.parse(text).text()).isEqualTo(text);
  }

  @Test
  void dropout_may_be_left_out() {
    ReaderCase without = ReaderCase.parse("mine=lstm:1x2:3:4:tag-5:6:7-8");
    assertThat(without.dropout()).isZero();
    assertThat(without.wordDropout()).isZero();
    assertThat(ReaderCase.parse(without.text())).isEqualTo(without);
  }

  @Test
  void standard_cases_can_be_handed_to_another_process() {
    for (ReaderCase standard : ReaderCase.STANDARD) {
      assertThat(ReaderCase.parse(standard.text())).isEqualTo(standard);
    }
    assertThat(ReaderCase.STANDARD).extracting(ReaderCase::name).containsExactly("imdb", "tagger");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mine",
        "=lstm:1x2:3:4:tag-5:6:7-8",
        "mine=lstm:1x2:3:4:tag-5:6",
        "mine=lstm:1x2:3:4:tag-5:6:7",
        "mine=lstm:1x2:3:4:tag-5:0:7-8",
        "mine=lstm:1:3:4:tag-5:6:7-8",
        "mine=lstm:1x2:3:4:forecast-5:6:7-8",
        "mine=lstm:1x2:3:4:tag:6:7-8",
        "mine=lstm:1x2:3:4:tag-5:6:7-8:0.5",
        "mine=lstm:1x2:3:4:tag-5:6:7-8:1-0",
        "mine=lstm:1x2:3:4:tag-5:6:7-8:-0.1-0",
        "mine=lstm:1x2:3:4:tag-5:6:7-9999999999",
        "my case=lstm:1x2:3:4:tag-5:6:7-8"
      })
  void anything_else_is_refused_with_the_syntax(String text) {
    assertThatThrownBy(() -> ReaderCase.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(ReaderCase.SYNTAX)
        .hasMessageContaining(ReaderCase.EXAMPLE);
  }

  @Test
  void an_unknown_cell_is_refused_with_those_there_are() {
    assertThatThrownBy(() -> ReaderCase.parse("mine=lstn:1x2:3:4:tag-5:6:7-8"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'lstn'")
        .hasMessageContaining("lstm, gru, rnn, rnn-relu");
  }

  @Test
  void half_a_case_has_half_the_batch() {
    ReaderCase half = ReaderCase.parse("mine=gru:1x8:7:30:tag-4:5:6-7:0.5-0.25").half();
    assertThat(half.text()).isEqualTo("mine-half=gru:1x8:7:30:tag-4:2:6-7:0.5-0.25");
    assertThat(half.half().half().batch()).isEqualTo(1);
  }

  @Test
  void operations_are_those_of_the_products() {
    // Two directions of three gates, 8 wide, that read 7 and then 16 numbers, and 4 scores of 16.
    double perToken = 2 * 24 * (7 + 8) + 2 * 24 * (16 + 8);
    ReaderCase tagger = ReaderCase.parse("mine=gru:2x8:7:30:tag-4:5:6-7");
    assertThat(tagger.flops(100, 10)).isCloseTo(600 * (perToken + 4 * 16), within(1e-6));
    ReaderCase classifier = ReaderCase.parse("mine=gru:2x8:7:30:classify-4:5:6-7");
    assertThat(classifier.flops(100, 10)).isCloseTo(600 * perToken + 60 * 4 * 16, within(1e-6));
  }

  @Test
  void the_work_is_a_step_with_every_batch_of_the_lengths_that_are_asked_for() {
    ReaderCase shape = ReaderCase.parse(ReaderCase.EXAMPLE);
    TrainingCase.Work work = shape.work(2, 7);
    String[] words = work.request().split(" ");
    assertThat(words).startsWith("reader", shape.text(), "2", "7").hasSize(5);
    BatchLengths lengths = BatchLengths.parse(words[4]);
    assertThat(work.steps()).isEqualTo(lengths.batches().size());
    assertThat(work.tokens()).isEqualTo(lengths.tokens());
    assertThat(work.flops()).isEqualTo(shape.flops(lengths.tokens(), lengths.sequences()));
  }
}
