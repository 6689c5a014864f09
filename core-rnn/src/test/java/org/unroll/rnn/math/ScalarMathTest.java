// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** exp, tanh and sigmoid against the doubles, over floats from all of their range. */
class ScalarMathTest {
  /** Every so many floats; a prime, so that all mantissas turn up. */
  private static final int EVERY = 1009;

  private static final int CHUNK = 4096;

  /** Quiet and signalling, of both signs. */
  private static final int[] NANS = {0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff};

  @FunctionalInterface
  private interface FloatFunction {
    float of(float x);
  }

  @FunctionalInterface
  private interface Kernel {
    void on(Kernels kernels, float[] x, int xo, int n);
  }

  @Test
  void exp_is_within_3_ulp_where_it_is_a_normal_float() {
    assertClose(ScalarMath::exp, Math::exp, ScalarMath.EXP_MIN, ScalarMath.EXP_MAX);
  }

  @Test
  void tanh_is_within_3_ulp_everywhere() {
    float infinity = Float.POSITIVE_INFINITY;
    assertClose(ScalarMath::tanh, Math::tanh, -infinity, infinity);
  }

  @Test
  void sigmoid_is_within_3_ulp_where_exp_is_a_normal_float() {
    DoubleUnaryOperator exact = x -> 1 / (1 + Math.exp(-x));
    assertClose(ScalarMath::sigmoid, exact, -ScalarMath.EXP_MAX, Float.POSITIVE_INFINITY);
  }

  @Test
  void beyond_its_range_exp_stays_at_the_ends() {
    float least = ScalarMath.exp(ScalarMath.EXP_MIN);
    float most = ScalarMath.exp(ScalarMath.EXP_MAX);
    assertThat(least).isBetween(Float.MIN_NORMAL, 1.3e-38f);
    assertThat(most).isBetween(2e38f, Float.MAX_VALUE);
    for (float x : new float[] {88.4f, 1e3f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertThat(ScalarMath.exp(x)).isEqualTo(most);
      assertThat(ScalarMath.exp(-x)).isEqualTo(least);
    }
  }

  @Test
  void beyond_its_range_sigmoid_stays_at_the_ends() {
    for (float x : new float[] {89, 1e3f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertThat(ScalarMath.sigmoid(x)).isEqualTo(1);
      assertThat(ScalarMath.sigmoid(-x)).isBetween(0f, Float.MIN_NORMAL);
    }
  }

  @Test
  void beyond_its_range_tanh_is_one_and_never_more() {
    for (float x = 8.5f; x < 9.5f; x = Math.nextUp(x)) {
      assertThat(ScalarMath.tanh(x)).isLessThanOrEqualTo(1);
    }
    for (float x : new float[] {9.1f, 10, 1e3f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertThat(ScalarMath.tanh(x)).isEqualTo(1);
      assertThat(ScalarMath.tanh(-x)).isEqualTo(-1);
    }
  }

  @Test
  void exp_and_sigmoid_rise_without_a_step_back_into_their_ends() {
    assertRises(ScalarMath::exp, -87.4f, -87.2f);
    assertRises(ScalarMath::exp, 88.2f, 88.4f);
    assertRises(ScalarMath::sigmoid, -88.4f, -88.2f);
    assertRises(ScalarMath::sigmoid, 16, 17);
  }

  @Test
  void tanh_is_odd_to_the_bit() {
    for (long bits = 0; bits <= Float.floatToIntBits(Float.POSITIVE_INFINITY); bits += EVERY) {
      float x = Float.intBitsToFloat((int) bits);
      int expected = Float.floatToRawIntBits(-ScalarMath.tanh(x));
      if (Float.floatToRawIntBits(ScalarMath.tanh(-x)) != expected) {
        assertThat(ScalarMath.tanh(-x)).as("tanh(%s)", -x).isEqualTo(-ScalarMath.tanh(x));
      }
    }
  }

  @Test
  void a_nan_stays_a_nan() {
    for (int bits : NANS) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(ScalarMath.exp(nan)).isNaN();
      assertThat(ScalarMath.tanh(nan)).isNaN();
      assertThat(ScalarMath.sigmoid(nan)).isNaN();
    }
  }

  @Test
  void a_nan_goes_into_every_reduction_that_it_belongs_to_and_no_other() {
    for (Kernels kernels : new Kernels[] {KernelTwins.SCALAR, KernelTwins.VECTOR}) {
      for (int rows : new int[] {1, 3}) {
        for (int at = 0; at < rows * 70; at++) {
          for (int bits : NANS) {
            assertSpreads(kernels, rows, 70, at, Float.intBitsToFloat(bits));
          }
        }
      }
    }
  }

  private static void assertSpreads(Kernels kernels, int rows, int n, int at, float nan) {
    float[] x = new float[rows * n];
    x[at] = nan;
    assertThat(kernels.sumOfSquares(x, 0, rows * n)).isNaN();
    float[] dots = new float[rows];
    kernels.addRowDots(rows, n, x, 0, new float[n], 0, dots, 0);
    assertOnlyNan(dots, at / n);
    float[] sums = new float[n];
    kernels.addColumnSums(rows, n, x, 0, n, sums, 0);
    assertOnlyNan(sums, at % n);
    float[] max = new float[n];
    kernels.columnMax(rows, n, x, 0, new float[rows], 0, max);
    assertOnlyNan(max, at % n);
    float[] exponentials = new float[n];
    kernels.columnExp(rows, n, x, 0, new float[rows], 0, new float[n], exponentials);
    assertOnlyNan(exponentials, at % n);
    assertOnlyNan(x, at);
  }

  private static void assertOnlyNan(float[] x, int expected) {
    for (int i = 0; i < x.length; i++) {
      if (Float.isNaN(x[i]) != (i == expected)) {
        assertThat(i).as("where %s is", x[i]).isEqualTo(expected);
      }
    }
  }

  @Test
  void vectors_have_the_bits_of_scalars_over_the_whole_range() {
    assertTwins(
        (kernels, x, xo, n) ->
            kernels.columnExp(1, n, x, xo, new float[1], 0, new float[n], new float[n]));
    assertTwins((kernels, x, xo, n) -> kernels.tanh(x, xo, x, xo, n));
    assertTwins(Kernels::sigmoid);
  }

  private static void assertTwins(Kernel kernel) {
    float[] scalar = new float[CHUNK];
    int n = 0;
    for (long bits = 0; bits < 1L << 32; bits += EVERY) {
      scalar[n++] = Float.intBitsToFloat((int) bits);
      if (n == CHUNK) {
        float[] vector = scalar.clone();
        kernel.on(KernelTwins.SCALAR, scalar, 0, n);
        kernel.on(KernelTwins.VECTOR, vector, 0, n);
        KernelTwins.assertSame("function", vector, scalar);
        n = 0;
      }
    }
  }

  private static void assertClose(
      FloatFunction function, DoubleUnaryOperator exact, float from, float to) {
    double worst = 0;
    float where = 0;
    for (long bits = 0; bits < 1L << 32; bits += EVERY) {
      float x = Float.intBitsToFloat((int) bits);
      if (x >= from && x <= to) {
        double expected = exact.applyAsDouble(x);
        double ulps = Math.abs(function.of(x) - expected) / Math.ulp((float) expected);
        if (!(ulps <= worst)) {
          worst = ulps;
          where = x;
        }
      }
    }
    assertThat(worst).as("units in the last place at %s", where).isLessThanOrEqualTo(3);
  }

  private static void assertRises(FloatFunction function, float from, float to) {
    float before = function.of(from);
    for (float x = from; x <= to; x = Math.nextUp(x)) {
      float y = function.of(x);
      if (y < before) {
        assertThat(y).as("at %s", x).isGreaterThanOrEqualTo(before);
      }
      before = y;
    }
  }
}
