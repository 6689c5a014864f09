// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplingTest {

  @Test
  void the_limits_of_each_option_are_valid() {
    assertThatCode(() -> new Sampling(0, 0, 1, 0)).doesNotThrowAnyException();
    assertThatCode(() -> new Sampling(Double.MAX_VALUE, Integer.MAX_VALUE, Double.MIN_VALUE, -1))
        .doesNotThrowAnyException();
  }

  @Test
  void what_is_beyond_them_is_refused_with_its_value() {
    for (double bad : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new Sampling(bad, 0, 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("temperature")
          .hasMessageContaining(String.valueOf(bad));
    }
    for (double bad : new double[] {0, -1, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> new Sampling(1, 0, bad, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("top-p")
          .hasMessageContaining(String.valueOf(bad));
    }
    assertThatThrownBy(() -> new Sampling(1, -2, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("top-k")
        .hasMessageContaining("-2");
  }
}
