// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The functions exp, tanh and sigmoid in plain fused multiply-adds. {@code Math.exp} and the Vector
 * API's own EXP are not used in training because their last bits may change with the JIT, the JDK
 * and the processor. {@code VectorMath} is the same arithmetic in vectors; constants and order must
 * stay equal.
 *
 * <p>{@code exp(x) = 2^n exp(r)} with {@code n = round(x / ln 2)} and |r| at most ln(2)/2, where
 * the Taylor polynomial of degree 7 is within 6e-9 of {@code exp(r) - 1}. Measured over all floats,
 * exp is within 1.1 units in the last place, tanh and sigmoid within 2.5. Where exp would leave the
 * normal floats it keeps its last value, and sigmoid with it; a NaN stays a NaN.
 */
final class ScalarMath {
  static final float LOG2_E = 1.44269504f;

  // The first of two parts of ln 2: it has few bits, so that n times it is exact.
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;

  /** Added to and taken from a float, this rounds it to an integer, in the low bits of the sum. */
  static final float ROUNDER = 0x1.8p23f;

  /** The least argument of exp: beyond it the result would leave the normal floats. */
  static final float EXP_MIN = -87.3f;

  /** The largest argument of exp: beyond it the result would leave the normal floats. */
  static final float EXP_MAX = 88.3f;

  /** The argument from which on tanh is 1 in float. */
  static final float TANH_MAX = 9.1f;

  static final float C2 = 1f / 2;
  static final float C3 = 1f / 6;
  static final float C4 = 1f / 24;
  static final float C5 = 1f / 120;
  static final float C6 = 1f / 720;
  static final float C7 = 1f / 5040;

  private ScalarMath() {}

  static float exp(float x) {
    x = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
    float rounded = Math.fma(x, LOG2_E, ROUNDER);
    float power = power(rounded);
    return Math.fma(power, reducedExpm1(x, rounded - ROUNDER), power);
  }

  static float sigmoid(float x) {
    return 1 / (exp(0 - x) + 1);
  }

  /**
   * Returns {@code q / (q + 2)} with {@code q = exp(2|x|) - 1}, which keeps the relative error
   * small near 0.
   */
  static float tanh(float x) {
    float y = 2 * Math.min(Math.abs(x), TANH_MAX);
    float rounded = Math.fma(y, LOG2_E, ROUNDER);
    float power = power(rounded);
    float q = Math.fma(power, reducedExpm1(y, rounded - ROUNDER), power - 1);
    return Math.copySign(q / (q + 2), x);
  }

  /** Returns exp(r) - 1 for the r that is left of x after n ln 2. */
  private static float reducedExpm1(float x, float n) {
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(C7, r, C6);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    return Math.fma(p, r * r, r);
  }

  /** Returns 2^n, made by shifting n from the low bits of the rounder's sum into the exponent. */
  private static float power(float rounded) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(rounded) << 23) + 0x3F800000);
  }
}
