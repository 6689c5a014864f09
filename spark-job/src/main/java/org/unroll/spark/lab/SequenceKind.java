// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** A kind of made-up sequences; what it makes depends on its own settings and the draws alone. */
public interface SequenceKind {
  /**
   * Makes a sequence.
   *
   * @return fields by name: strings, numbers, lists of them, null for a missing number
   */
  Map<String, Object> sample(Draws draws);

  /** Returns the settings by name, as they are kept beside the data. */
  Map<String, Object> settings();

  /**
   * Draws a sequence in black lines, into {@link SampleSheet#WIDTH} by {@link SampleSheet#HEIGHT}.
   */
  void draw(Map<String, Object> sample, Graphics2D into);

  /** Returns a number with few digits, as files have them: rounded to four decimals. */
  static BigDecimal rounded(double value) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }
}
