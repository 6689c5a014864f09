// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Wire;

class VectorMergeTest {
  private static final int WORDS = 50;
  private static final int SIZE = 77;
  private static final SkipGramModel MODEL = new SkipGramModel(WORDS, SIZE);

  private static SkipGramSpec spec(int shards) {
    return new SkipGramSpec(SIZE, 5, 5, 0, 1, 1000, 0.1, shards, 3, Wire.FP32);
  }

  private static long[] counts() {
    long[] counts = new long[WORDS];
    Arrays.setAll(counts, w -> w == 0 ? 1_000_000 : 1);
    return counts;
  }

  private static float[] merged(int shards, int threads, int... rows) {
    float[] params = new float[2 * WORDS * SIZE];
    // What nobody has written is not to be read.
    Gradient changes = new Gradient(params.length);
    Arrays.fill(changes.values(), Float.NaN);
    for (int row : rows) {
      changes.addTo(row * SIZE, (row + 1) * SIZE);
      Arrays.fill(changes.values(), row * SIZE, (row + 1) * SIZE, 1f);
    }
    new VectorMerge(MODEL, spec(shards), counts(), new Team(threads)).apply(params, changes, 0.1);
    return params;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void only_rows_that_were_written_move(int threads) {
    int[] rows = {0, 7, 8, 49, 50, 63, 99};
    float[] params = merged(4, threads, rows);
    for (int row = 0; row < 2 * WORDS; row++) {
      boolean moved = Arrays.stream(rows).boxed().toList().contains(row);
      for (int i = row * SIZE; i < (row + 1) * SIZE; i++) {
        assertThat(params[i]).as("row %d", row).satisfies(x -> assertThat(x > 0).isEqualTo(moved));
      }
    }
    assertThat(params).isEqualTo(merged(4, 1, rows));
  }

  @Test
  void changes_of_rare_words_are_added_and_of_frequent_ones_averaged() {
    float[] params = merged(4, 1, 0, 7);
    assertThat(params[0]).as("frequent").isCloseTo(0.25f, offset(0.05f));
    assertThat(params[7 * SIZE]).as("rare").isCloseTo(1f, offset(0.01f));
  }

  @Test
  void one_shard_is_not_reduced() {
    assertThat(merged(1, 1, 0)[0]).isEqualTo(1f);
  }

  @Test
  void a_shard_is_expected_to_have_its_share_of_the_pairs() {
    float[] pairs = VectorMerge.pairs(spec(4), counts());
    // 250 words of text with 6 pairs each, nearly all of the one frequent word.
    assertThat(pairs[0]).isCloseTo(1500f, offset(1f));
    double noise = Math.pow(1e6, 0.75) + WORDS - 1;
    double drawn = Math.pow(1e6, 0.75) / noise * 5 * 1500;
    assertThat(pairs[WORDS]).isCloseTo((float) (1500 + drawn), offset(10f));
  }
}
