// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import java.math.BigInteger;

/**
 * A sum of doubles without rounding, so that it is the same in whatever order and from whatever
 * parts it is made. A fixed-point number as wide as the range of doubles, after Kulisch (2013),
 * <i>Computer Arithmetic and Validity</i>: digits of 32 bits in longs, which take {@link
 * #MOST_ADDED} additions before carries must be passed on.
 */
final class ExactSum implements Serializable {
  /** The sum is an integer times 2 to the minus this. */
  static final int SCALE = 1074;

  private static final long serialVersionUID = 1L;
  private static final int DIGIT = 32;
  private static final long DIGIT_MASK = 0xFFFFFFFFL;
  private static final long MANTISSA_MASK = (1L << 52) - 1;
  private static final int MOST_ADDED = 1 << 28;

  /** 2098 bits of doubles and 64 more for their number. */
  private final long[] digits = new long[68];

  private int added;

  /** Adds a finite number. */
  void add(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("only finite numbers have a sum, not " + value);
    }
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) & 0x7FF;
    long mantissa = (bits & MANTISSA_MASK) | (exponent == 0 ? 0 : MANTISSA_MASK + 1);
    int shift = Math.max(0, exponent - 1);
    int digit = shift / DIGIT;
    long low = (mantissa & DIGIT_MASK) << (shift % DIGIT);
    long high = (mantissa >>> DIGIT) << (shift % DIGIT);
    long sign = bits < 0 ? -1 : 1;
    digits[digit] += sign * (low & DIGIT_MASK);
    digits[digit + 1] += sign * ((low >>> DIGIT) + (high & DIGIT_MASK));
    digits[digit + 2] += sign * (high >>> DIGIT);
    if (++added == MOST_ADDED) {
      carry();
    }
  }

  /** Adds all that was added to another sum. */
  void add(ExactSum other) {
    carry();
    other.carry();
    for (int i = 0; i < digits.length; i++) {
      digits[i] += other.digits[i];
    }
    added++;
  }

  private void carry() {
    for (int i = 0; i + 1 < digits.length; i++) {
      digits[i + 1] += digits[i] >> DIGIT;
      digits[i] &= DIGIT_MASK;
    }
    added = 0;
  }

  /** The sum times 2 to the {@link #SCALE}. */
  BigInteger scaled() {
    BigInteger sum = BigInteger.ZERO;
    for (int i = digits.length - 1; i >= 0; i--) {
      sum = sum.shiftLeft(DIGIT).add(BigInteger.valueOf(digits[i]));
    }
    return sum;
  }
}
