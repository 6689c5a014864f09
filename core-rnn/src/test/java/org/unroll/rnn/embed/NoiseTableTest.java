// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class NoiseTableTest {
  private static double[] shares(long[] counts, int draws) {
    NoiseTable table = new NoiseTable(counts);
    double[] shares = new double[counts.length];
    for (int i = 0; i < draws; i++) {
      shares[table.draw(5, i)] += 1.0 / draws;
    }
    return shares;
  }

  @Test
  void words_are_drawn_by_their_count_to_three_quarters() {
    long[] counts = {100_000, 81, 0, 16, 16, 1, 5000};
    double total = 0;
    for (long count : counts) {
      total += Math.pow(count, 0.75);
    }
    double[] shares = shares(counts, 400_000);
    for (int w = 0; w < counts.length; w++) {
      double expected = Math.pow(counts[w], 0.75) / total;
      // Four standard deviations.
      assertThat(shares[w])
          .as("word %d", w)
          .isCloseTo(expected, offset(4 * Math.sqrt(expected / 400_000)));
    }
    assertThat(shares[2]).isZero();
  }

  @Test
  void one_word_is_always_drawn() {
    assertThat(shares(new long[] {3}, 100)[0]).isEqualTo(1, offset(1e-9));
  }
}
