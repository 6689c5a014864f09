// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Bf16KernelsTest {
  static Stream<Bf16Kernels> kernels() {
    return Stream.of(KernelTwins.SCALAR.bf16(), KernelTwins.VECTOR.bf16());
  }

  /** Floats of all magnitudes, and those with a rule of their own. */
  private static float[] numbers(int n) {
    float[] special = {
      0f,
      -0f,
      1f,
      -1f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_VALUE,
      Float.MIN_NORMAL,
      Float.intBitsToFloat(0x3F80_8000),
      Float.intBitsToFloat(0x3F81_8000),
      Float.intBitsToFloat(0x3F80_8001),
      Float.intBitsToFloat(0xFFFF_FFFF)
    };
    Random random = new Random(3);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i < special.length ? special[i] : Float.intBitsToFloat(random.nextInt());
    }
    return x;
  }

  /** To the nearest of the two neighbours that 16 bits have, by arithmetic in double. */
  private static float expected(float x) {
    if (!Float.isFinite(x)) {
      return x;
    }
    int bits = Float.floatToRawIntBits(x);
    float towardsZero = Float.intBitsToFloat(bits & 0xFFFF_0000);
    float away = Float.intBitsToFloat((bits & 0xFFFF_0000) + 0x1_0000);
    double next = Float.isFinite(away) ? away : Math.copySign(0x1p128, x);
    double down = Math.abs((double) x - towardsZero);
    double up = Math.abs(next - x);
    boolean even = (bits >>> 16 & 1) == 0;
    return down < up || down == up && even ? towardsZero : away;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void numbers_are_rounded_to_the_nearest_with_ties_to_even(Bf16Kernels kernels) {
    for (int n : List.of(0, 1, 15, 16, 17, 5000)) {
      float[] x = numbers(n);
      float[] rounded = x.clone();
      kernels.round(rounded, 0, n);
      for (int i = 0; i < n; i++) {
        assertThat(rounded[i]).as("%s", x[i]).isEqualTo(Float.valueOf(expected(x[i])));
        assertThat(Float.floatToRawIntBits(rounded[i]) & 0xFFFF).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void what_was_packed_is_unpacked_rounded_and_nothing_else_is_touched(Bf16Kernels kernels) {
    int n = 1003;
    float[] x = numbers(n + 5);
    float[] rounded = x.clone();
    kernels.round(rounded, 5, n);
    short[] packed = new short[n + 4];
    float[] back = new float[n + 6];
    kernels.pack(x, 5, n, packed, 3);
    kernels.unpack(packed, 3, n, back, 4);
    for (int i = 0; i < n; i++) {
      assertThat(Float.floatToRawIntBits(back[4 + i]))
          .isEqualTo(Float.floatToRawIntBits(rounded[5 + i]));
    }
    assertThat(new float[] {back[3], back[n + 4]}).containsOnly(0f);
    assertThat(new short[] {packed[2], packed[n + 3]}).containsOnly((short) 0);
    assertThat(rounded[4]).isEqualTo(Float.valueOf(x[4]));
  }

  @Test
  void nan_is_the_only_thing_that_becomes_nan() {
    float[] x = numbers(5000);
    float[] rounded = x.clone();
    KernelTwins.VECTOR.bf16().round(rounded, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      assertThat(Float.isNaN(rounded[i])).isEqualTo(Float.isNaN(x[i]));
    }
  }
}
