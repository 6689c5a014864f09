// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.spark.lab.TrainingCase.Family;
import org.unroll.spark.lab.TrainingCase.Task;

class TrainingCaseTest {
  @Test
  void the_examples_are_read() {
    assertThat(Family.CELLS.parse(TrainingCase.CELL_EXAMPLE))
        .isEqualTo(
            new TrainingCase(
                "mine",
                RnnSpec.of(CellType.GRU, 256, 256, 1),
                5000,
                Task.LANGUAGE_MODEL,
                5000,
                32,
                40,
                40));
    RnnSpec both =
        RnnSpec.of(CellType.GRU, 50, 64, 1)
            .with(Direction.BOTH)
            .with(new DropoutSpec(0.1, 0.5, 0.5, 0.5, 0, false));
    assertThat(Family.READERS.parse(TrainingCase.READER_EXAMPLE))
        .isEqualTo(new TrainingCase("mine", both, 5000, Task.TAG, 12, 32, 14, 60));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "rnn", "rnn-relu"})
  void a_text_is_read_as_it_was_written(String cell) {
    String model = "my.case-1=" + cell + ":2x8:30:4:5";
    assertThat(Family.CELLS.parse(model).text()).isEqualTo(model);
    String reader = "my.case-1=" + cell + ":2x8:7:30:classify-3:4:9-20:0.25-0.001";
    assertThat(Family.READERS.parse(reader).text()).isEqualTo(reader);
  }

  @Test
  void dropout_may_be_left_out() {
    TrainingCase without = Family.READERS.parse("mine=lstm:1x2:3:4:tag-5:6:7-8");
    assertThat(without.rnn().dropout()).isEqualTo(DropoutSpec.NONE);
    assertThat(Family.READERS.parse(without.text())).isEqualTo(without);
  }

  @ParameterizedTest
  @EnumSource
  void standard_cases_can_be_handed_to_another_process(Family family) {
    for (TrainingCase standard : family.standard()) {
      assertThat(family.parse(standard.text())).isEqualTo(standard);
    }
    assertThat(family.standard()).extracting(TrainingCase::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mine",
        "=lstm:1x2:3:4:5",
        "mine=lstm:1x2:3:4",
        "mine=lstm:1x2:3:4:0",
        "mine=lstm:1:3:4:5",
        "mine=lstm:1x2:3:4:5:6",
        "mine=lstm:1x-2:3:4:5",
        "my case=lstm:1x2:3:4:5",
        "mine=lstm:1x2:3:4:9999999999"
      })
  void anything_else_is_refused_with_the_syntax(String text) {
    assertThatThrownBy(() -> Family.CELLS.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(TrainingCase.CELL_SYNTAX)
        .hasMessageContaining(TrainingCase.CELL_EXAMPLE);
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
  void anything_else_is_refused_with_the_syntax_of_readers(String text) {
    assertThatThrownBy(() -> Family.READERS.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(TrainingCase.READER_SYNTAX)
        .hasMessageContaining(TrainingCase.READER_EXAMPLE);
  }

  @Test
  void an_unknown_cell_is_refused_with_those_there_are() {
    assertThatThrownBy(() -> Family.CELLS.parse("mine=lstn:1x2:3:4:5"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'lstn'")
        .hasMessageContaining("lstm, gru, rnn, rnn-relu");
    assertThatThrownBy(() -> Family.READERS.parse("mine=lstn:1x2:3:4:tag-5:6:7-8"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'lstn'");
  }

  @Test
  void translations_are_measured_without_dropout() {
    assertThatThrownBy(() -> Family.READERS.parse("mine=lstm:1x2:3:4:translate-5:6:7-8:0.5-0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'mine=lstm:1x2:3:4:translate-5:6:7-8:0.5-0' has dropout");
  }

  @Test
  void half_a_case_has_half_the_batch() {
    TrainingCase half = Family.CELLS.parse("mine=gru:1x8:30:5:7").half();
    assertThat(half.text()).isEqualTo("mine-half=gru:1x8:30:2:7");
    assertThat(half.half().half().batch()).isEqualTo(1);
    TrainingCase reader = Family.READERS.parse("mine=gru:1x8:7:30:tag-4:5:6-7:0.5-0.25").half();
    assertThat(reader.text()).isEqualTo("mine-half=gru:1x8:7:30:tag-4:2:6-7:0.5-0.25");
  }

  @Test
  void operations_are_those_of_the_products() {
    // Per token: 2 layers of two 2048 x 512 matrices and a 65 x 512 matrix, three passes of 2 each.
    Race.Work work = Family.CELLS.parse("char512=lstm:2x512:65:100:50").work(2, 7);
    assertThat(work.flops()).isCloseTo(5000 * 6.0 * (4 * 2048 * 512 + 65 * 512), within(1.0));
    assertThat(work)
        .isEqualTo(
            new Race.Work(
                "char512",
                Map.of(),
                1,
                5000,
                work.flops(),
                "cell char512=lstm:2x512:65:100:50 2 7"));
    // Two directions of three gates, 8 wide, that read 7 and then 16 numbers, and 4 scores of 16.
    double perToken = 2 * 24 * (7 + 8) + 2 * 24 * (16 + 8);
    TrainingCase tagger = Family.READERS.parse("mine=gru:2x8:7:30:tag-4:5:6-7");
    assertThat(tagger.flops(100, 10)).isCloseTo(600 * (perToken + 4 * 16), within(1e-6));
    TrainingCase classifier = Family.READERS.parse("mine=gru:2x8:7:30:classify-4:5:6-7");
    assertThat(classifier.flops(100, 10)).isCloseTo(600 * perToken + 60 * 4 * 16, within(1e-6));
  }

  @Test
  void operations_of_a_translation_are_those_of_its_parts() {
    TrainingCase shape = Family.READERS.parse("mine=lstm:1x8:7:30:translate-9:5:6-7");
    BatchLengths lengths = BatchLengths.parse("5/4,3/6;2/1");
    double read = 2 * 32 * (7 + 8) + 16 * 16;
    double written = 64 * (7 + 16 + 16) + 16 * 48 + 9 * 16;
    double bridges = 3 * 2 * 16 * 16;
    double expected = 6 * (10 * read + 11 * written + (20 + 18 + 2) * 2 * 16 + bridges);
    assertThat(shape.flops(lengths)).isCloseTo(expected, within(1e-6));
    // A search goes forward alone, with five hypotheses of each.
    TrainingCase search = Family.READERS.parse("mine=lstm:1x8:7:30:search-9:5:6-7");
    double forward = 2 * (10 * read + 5 * (11 * written + 40 * 2 * 16) + bridges);
    assertThat(search.flops(lengths)).isCloseTo(forward, within(1e-6));
  }

  @Test
  void the_tokens_of_a_translation_are_those_written() {
    Race.Work work = Family.READERS.standard().get(2).work(1, 7);
    BatchLengths lengths = BatchLengths.parse(work.request().split(" ")[4]);
    assertThat(work.tokens()).isEqualTo(lengths.counted()).isNotEqualTo(lengths.tokens());
    assertThat(work.steps()).isEqualTo(8);
  }

  @Test
  void the_work_is_a_step_with_every_batch_of_the_lengths_that_are_asked_for() {
    TrainingCase shape = Family.READERS.parse(TrainingCase.READER_EXAMPLE);
    Race.Work work = shape.work(2, 7);
    String[] words = work.request().split(" ");
    assertThat(words).startsWith("reader", shape.text(), "2", "7").hasSize(5);
    BatchLengths lengths = BatchLengths.parse(words[4]);
    assertThat(work.steps()).isEqualTo(lengths.batches().size());
    assertThat(work.tokens()).isEqualTo(lengths.tokens());
    assertThat(work.flops()).isEqualTo(shape.flops(lengths.tokens(), lengths.sequences()));
  }
}
