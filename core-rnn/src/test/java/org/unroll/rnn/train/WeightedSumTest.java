// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

/** Sums whose parts were left out are those of whole arrays. */
class WeightedSumTest {
  private static final int SIZE = 3 * Gradient.BLOCK + 9;

  /** A sum with numbers in two places, in an array that held others before. */
  private static WeightedSum sum(int first, int second, float value) {
    WeightedSum sum = new WeightedSum(SIZE);
    Arrays.fill(sum.parts().dense(), 1e9f);
    sum.clear();
    for (int at : new int[] {first, second}) {
      sum.parts().addTo(at, at + 1);
      sum.parts().values()[at] += value;
    }
    sum.add(new Loss(value, 2));
    return sum;
  }

  private static float[] expected(float... indexAndValue) {
    float[] expected = new float[SIZE];
    for (int i = 0; i < indexAndValue.length; i += 2) {
      expected[(int) indexAndValue[i]] = indexAndValue[i + 1];
    }
    return expected;
  }

  @Test
  void what_was_added_to_parts_is_in_the_whole_gradient() {
    WeightedSum sum = sum(5, SIZE - 1, 3);
    assertThat(sum.parts().nextWritten(Gradient.BLOCK)).isEqualTo(3 * Gradient.BLOCK);
    assertThat(sum.parts().dense()).containsExactly(expected(5, 3, SIZE - 1, 3));
    assertThat(sum.parts().dense()).isSameAs(sum.parts().values());
    assertThat(sum.size()).isEqualTo(SIZE);
    assertThat(sum.loss()).isEqualTo(new Loss(3, 2));
  }

  @Test
  void sums_of_different_parts_are_added_element_by_element() {
    WeightedSum sum = sum(5, 300, 3);
    sum.add(sum(300, SIZE - 1, 4));
    assertThat(sum.loss()).isEqualTo(new Loss(7, 4));
    assertThat(sum.parts().nextWritten(2 * Gradient.BLOCK)).isEqualTo(3 * Gradient.BLOCK);
    WeightedSum full = new WeightedSum(SIZE);
    float[] whole = full.parts().dense();
    Arrays.fill(whole, 1);
    full.add(new Loss(1, 1));
    full.add(sum);
    assertThat(sum.parts().dense()).containsExactly(expected(5, 3, 300, 7, SIZE - 1, 4));
    for (int i = 0; i < SIZE; i++) {
      assertThat(whole[i]).isEqualTo(1 + sum.parts().dense()[i]);
    }
    assertThat(full.loss()).isEqualTo(new Loss(8, 5));
  }

  @Test
  void a_cleared_sum_is_empty() {
    WeightedSum sum = sum(5, 300, 3);
    sum.clear();
    assertThat(sum.loss()).isEqualTo(Loss.ZERO);
    assertThat(sum.parts().nextWritten(0)).isEqualTo(SIZE);
    assertThat(sum.parts().dense()).containsOnly(0);
  }
}
