// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.spark.corpus.LengthHistogram.Bin;

class LengthHistogramTest {
  @Test
  void bins_follow_one_another_and_are_an_eighth_wide() {
    long next = 0;
    for (int b = 0; b <= LengthHistogram.bin(Long.MAX_VALUE); b++) {
      LengthHistogram one = new LengthHistogram();
      one.add(next, 1);
      Bin bin = one.bins().get(0);
      assertThat(bin.from()).isEqualTo(next);
      assertThat(bin.to() - bin.from()).isLessThanOrEqualTo(bin.from() / 8);
      assertThat(LengthHistogram.bin(bin.from())).isEqualTo(b);
      assertThat(LengthHistogram.bin(bin.to())).isEqualTo(b);
      next = bin.to() + 1;
    }
    assertThat(next).isEqualTo(Long.MIN_VALUE); // one more than the largest length
  }

  @Test
  void quantiles_are_ends_of_bins() {
    LengthHistogram lengths = new LengthHistogram();
    lengths.add(3, 5);
    lengths.add(100, 4);
    lengths.add(1000, 1);
    assertThat(lengths.quantile(0.5)).isEqualTo(3);
    assertThat(lengths.quantile(0.9)).isEqualTo(103);
    assertThat(lengths.quantile(1)).isEqualTo(1023);
    LengthHistogram twice = new LengthHistogram();
    twice.add(lengths);
    twice.add(lengths);
    assertThat(twice.bins())
        .isEqualTo(List.of(new Bin(3, 3, 10), new Bin(96, 103, 8), new Bin(960, 1023, 2)));
  }
}
