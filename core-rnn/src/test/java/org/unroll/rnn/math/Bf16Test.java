// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Bf16Test {
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

  @Test
  void numbers_are_rounded_to_the_nearest_with_ties_to_even() {
    for (int n : List.of(0, 1, 15, 17, Bf16.PIECE + 1, 3 * Bf16.PIECE)) {
      float[] x = numbers(n + 3);
      float[] rounded = x.clone();
      Bf16.round(rounded, 2, n);
      for (int i = 2; i < n + 2; i++) {
        assertThat(rounded[i]).as("%s", x[i]).isEqualTo(Float.valueOf(expected(x[i])));
        assertThat(Float.floatToRawIntBits(rounded[i]) & 0xFFFF).isZero();
        assertThat(Bf16.toFloat(Bf16.of(x[i]))).isEqualTo(Float.valueOf(rounded[i]));
      }
      assertThat(rounded[1]).isEqualTo(x[1]);
      assertThat(rounded[n + 2]).isEqualTo(Float.valueOf(x[n + 2]));
    }
  }

  @Test
  void what_was_packed_is_unpacked_rounded_and_nothing_else_is_touched() {
    for (int n : List.of(2, 16, 250, Bf16.PIECE)) {
      float[] x = numbers(n + 5);
      float[] rounded = x.clone();
      Bf16.round(rounded, 5, n);
      ByteBuffer bytes = ByteBuffer.allocate(2 * n + 6).order(ByteOrder.LITTLE_ENDIAN).position(2);
      float[] back = new float[n + 6];
      Bf16.pack(x, 5, n, bytes);
      assertThat(bytes.position()).isEqualTo(2 + 2 * n);
      Bf16.unpack(bytes.position(2), back, 4, n);
      for (int i = 0; i < n; i++) {
        assertThat(Float.floatToRawIntBits(back[4 + i]))
            .isEqualTo(Float.floatToRawIntBits(rounded[5 + i]));
      }
      assertThat(new float[] {back[3], back[n + 4]}).containsOnly(0f);
      assertThat(bytes.getInt(2 + 2 * n)).isZero();
    }
  }

  @Test
  void a_word_has_an_element_of_either_half() {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    Bf16.pack(new float[] {1, 2, 3, 4}, 0, 4, bytes);
    assertThat(bytes.getShort(0)).isEqualTo(Bf16.of(1));
    assertThat(bytes.getShort(2)).isEqualTo(Bf16.of(3));
    assertThat(bytes.getShort(4)).isEqualTo(Bf16.of(2));
  }

  @Test
  void nan_is_the_only_thing_that_becomes_nan() {
    float[] x = numbers(5000);
    float[] rounded = x.clone();
    Bf16.round(rounded, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      assertThat(Float.isNaN(rounded[i])).isEqualTo(Float.isNaN(x[i]));
    }
  }
}
