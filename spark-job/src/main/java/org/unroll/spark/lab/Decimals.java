// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers with few digits, as files have them. */
final class Decimals {
  private static final int DIGITS = 4;

  private Decimals() {}

  /** Rounded to four decimals. */
  static BigDecimal of(double value) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }
}
