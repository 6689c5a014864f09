// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.math.KernelTwins.Kernel;

/** Scalar and vector kernels give the same bits and write nothing but their results. */
class KernelTwinsTest {
  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    ScalarMath.EXP_MIN,
    ScalarMath.EXP_MAX,
    ScalarMath.TANH_MAX,
    -ScalarMath.TANH_MAX
  };

  static List<Kernel> kernels() {
    return KernelTwins.ALL;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void every_width_gives_equal_bits(Kernel kernel) {
    for (int width = 1; width <= 70; width++) {
      for (int rows = 1; rows <= 3; rows += 2) {
        assertTwins(kernel, rows, width, KernelTwins.arrays(kernel, rows, width, 3, width));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void numbers_far_out_give_equal_bits(Kernel kernel) {
    for (float scale : new float[] {1e-42f, 1e-30f, 20, 100, 1e30f}) {
      assertTwins(kernel, 2, 45, KernelTwins.arrays(kernel, 2, 45, scale, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void special_numbers_give_equal_bits(Kernel kernel) {
    for (int seed = 0; seed < 50; seed++) {
      float[][] x = KernelTwins.arrays(kernel, 2, 45, 3, seed);
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < 20; j++) {
          long bits = RandomBits.bits(RandomBits.key(seed, i), j);
          int at = (int) Long.remainderUnsigned(bits, x[i].length);
          x[i][at] = SPECIAL[(int) (bits & 63) % SPECIAL.length];
        }
      }
      assertTwins(kernel, 2, 45, x);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void compiled_code_gives_equal_bits(Kernel kernel) {
    float[][] given = KernelTwins.arrays(kernel, 20, 70, 3, 1);
    for (int i = 0; i < 1000; i++) {
      kernel.call().on(KernelTwins.VECTOR, 20, 70, KernelTwins.copy(given));
      kernel.call().on(KernelTwins.SCALAR, 20, 70, KernelTwins.copy(given));
    }
    assertTwins(kernel, 20, 70, given);
  }

  private static void assertTwins(Kernel kernel, int rows, int width, float[][] given) {
    float[][] scalar = KernelTwins.copy(given);
    float[][] vector = KernelTwins.copy(given);
    double expected = kernel.call().on(KernelTwins.SCALAR, rows, width, scalar);
    double actual = kernel.call().on(KernelTwins.VECTOR, rows, width, vector);
    assertThat(Double.doubleToLongBits(actual))
        .as("result of %s: %s, not %s", kernel, actual, expected)
        .isEqualTo(Double.doubleToLongBits(expected));
    for (int i = 0; i < given.length; i++) {
      String what = "array %d of %s of %d x %d".formatted(i, kernel, rows, width);
      KernelTwins.assertSame(what, vector[i], scalar[i]);
      int from = KernelTwins.at(i);
      int to = from + kernel.written()[i].of(rows, width);
      System.arraycopy(given[i], from, vector[i], from, to - from);
      KernelTwins.assertSame("outside of " + what, vector[i], given[i]);
    }
  }
}
