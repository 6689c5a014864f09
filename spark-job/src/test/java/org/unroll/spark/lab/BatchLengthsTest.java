// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchLengthsTest {
  private static final TrainingCase IMDB = TrainingCase.Family.READERS.standard().get(0);

  private final BatchLengths drawn = BatchLengths.draw(IMDB, 1);

  @Test
  void batches_are_as_large_as_the_case_says() {
    assertThat(drawn.batches()).hasSize(8).allMatch(batch -> batch.length == IMDB.batch());
    assertThat(drawn.sequences()).isEqualTo(8L * IMDB.batch());
    assertThat(drawn.tokens())
        .isEqualTo(drawn.batches().stream().flatMapToInt(IntStream::of).sum());
  }

  @Test
  void lengths_are_spread_as_in_text() {
    int[] all = drawn.batches().stream().flatMapToInt(IntStream::of).sorted().toArray();
    assertThat(all[0]).isPositive();
    assertThat(all[all.length - 1]).isEqualTo(400);
    assertThat((all[all.length / 2 - 1] + all[all.length / 2]) / 2).isBetween(155, 195);
    // One standard deviation below the median: 174 / exp(0.65) is 91.
    assertThat(all[(int) (0.16 * all.length)]).isBetween(80, 103);
  }

  @Test
  void a_batch_has_sequences_of_similar_length_with_the_longest_first() {
    for (int[] batch : drawn.batches()) {
      assertThat(IntStream.range(1, batch.length)).allMatch(i -> batch[i] <= batch[i - 1]);
    }
    // Padding would take little: less than a tenth of it all.
    long padded = drawn.batches().stream().mapToLong(b -> (long) b[0] * b.length).sum();
    assertThat(drawn.tokens()).isGreaterThan(padded * 9 / 10).isLessThan(padded);
  }

  @Test
  void the_seed_decides() {
    assertThat(BatchLengths.draw(IMDB, 1).text()).isEqualTo(drawn.text());
    assertThat(BatchLengths.draw(IMDB, 2).text()).isNotEqualTo(drawn.text());
  }

  @Test
  void a_text_is_read_as_it_was_written() {
    BatchLengths read = BatchLengths.parse("5,3,3;2");
    assertThat(read.batches()).containsExactly(new int[] {5, 3, 3}, new int[] {2});
    assertThat(read.text()).isEqualTo("5,3,3;2");
    assertThat(List.of(read.tokens(), read.sequences())).containsExactly(13L, 4L);
  }

  @Test
  void a_translation_is_about_as_long_as_what_it_translates() {
    TrainingCase translate = TrainingCase.Family.READERS.standard().get(2);
    BatchLengths lengths = BatchLengths.draw(translate, 1);
    long written = lengths.written().stream().flatMapToInt(IntStream::of).sum();
    assertThat(lengths.counted()).isEqualTo(written);
    assertThat((double) written / lengths.tokens()).isBetween(0.9, 1.1);
    for (int i = 0; i < lengths.batches().size(); i++) {
      int[] own = lengths.written().get(i);
      assertThat(own).hasSameSizeAs(lengths.batches().get(i));
      assertThat(IntStream.of(own)).allMatch(length -> length > 0 && length <= 20);
      assertThat(own).isNotEqualTo(lengths.batches().get(i));
    }
  }

  @Test
  void what_is_written_stands_behind_a_slash() {
    BatchLengths read = BatchLengths.parse("5/4,3/6;2/0");
    assertThat(read.batches()).containsExactly(new int[] {5, 3}, new int[] {2});
    assertThat(read.written()).containsExactly(new int[] {4, 6}, new int[] {0});
    assertThat(read.text()).isEqualTo("5/4,3/6;2/0");
    assertThat(List.of(read.tokens(), read.counted(), read.sequences(), read.pairs()))
        .containsExactly(10L, 10L, 3L, 38L);
    assertThat(read.pairs(0)).isEqualTo(38);
    assertThat(BatchLengths.parse("5,3;2").counted()).isEqualTo(10);
  }
}
