// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.RandomBits;

class DropoutTest {
  private static final long KEY = RandomBits.key(5, 6);

  /** The mask as it is defined: number by number. */
  private static float[] expected(double p, int n) {
    float[] mask = new float[n];
    for (int i = 0; i < n; i++) {
      mask[i] = RandomBits.uniform(KEY, i) < (float) p ? 0 : (float) (1 / (1 - p));
    }
    return mask;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.1, 1 / 3.0, 0.5, 0.8, 0.999999})
  void an_element_is_kept_if_its_number_is_not_below_p(double p) {
    for (int n : new int[] {1, 511, 512, 513, 5000}) {
      Dropout dropout = new Dropout(p, 5000);
      dropout.draw(KEY, n);
      float[] ones = new float[n];
      Arrays.fill(ones, 1);
      dropout.apply(ones, 0, 0, n);
      assertThat(ones).as("p %s, n %s", p, n).isEqualTo(expected(p, n));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5})
  void long_masks_drop_their_share(double p) {
    float[] mask = expected(p, 200_000);
    Dropout dropout = new Dropout(p, mask.length);
    dropout.draw(KEY, mask.length);
    float[] ones = new float[mask.length];
    Arrays.fill(ones, 1);
    dropout.apply(ones, 0, 0, ones.length);
    assertThat(Arrays.equals(ones, mask)).isTrue();
    double dropped = 0;
    for (float x : ones) {
      dropped += x == 0 ? 1 : 0;
    }
    assertThat(dropped / ones.length).isBetween(p - 0.01, p + 0.01);
  }

  @Test
  void a_part_of_a_mask_is_that_part_of_the_whole() {
    Dropout dropout = new Dropout(0.5, 100);
    dropout.draw(KEY, 100);
    float[] part = new float[40];
    Arrays.fill(part, 1);
    dropout.apply(part, 10, 60, 30);
    float[] mask = expected(0.5, 100);
    for (int i = 0; i < part.length; i++) {
      assertThat(part[i]).isEqualTo(i < 10 ? 1 : mask[50 + i]);
    }
  }
}
