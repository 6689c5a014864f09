// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.unroll.spark.rows.ChannelStatistics.ExactSum;

class ExactSumTest {
  private static BigDecimal value(ExactSum sum) {
    return new BigDecimal(sum.scaled())
        .divide(new BigDecimal(BigInteger.ONE.shiftLeft(ExactSum.SCALE)));
  }

  @Test
  void the_sum_is_that_of_exact_arithmetic_in_any_grouping() {
    Random random = new Random(3);
    ExactSum all = new ExactSum();
    ExactSum left = new ExactSum();
    ExactSum right = new ExactSum();
    BigDecimal expected = BigDecimal.ZERO;
    for (int i = 0; i < 3000; i++) {
      double value = Math.scalb(random.nextGaussian(), random.nextInt(1900) - 1000);
      all.add(value);
      (random.nextBoolean() ? left : right).add(value);
      expected = expected.add(new BigDecimal(value));
    }
    right.add(left);

    assertThat(value(all)).isEqualByComparingTo(expected);
    assertThat(value(right)).isEqualByComparingTo(expected);
  }

  @Test
  void the_smallest_and_the_largest_doubles_fit() {
    ExactSum sum = new ExactSum();
    sum.add(Double.MIN_VALUE);
    sum.add(Double.MAX_VALUE);
    sum.add(Double.MAX_VALUE);
    sum.add(-Double.MAX_VALUE);
    sum.add(-0.0);
    sum.add(-Double.MAX_VALUE);

    assertThat(value(sum)).isEqualByComparingTo(new BigDecimal(Double.MIN_VALUE));
    assertThatIllegalArgumentException().isThrownBy(() -> sum.add(Double.NaN));
  }
}
