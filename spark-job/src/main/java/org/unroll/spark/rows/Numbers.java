// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Set;

/** Numbers as files have them. */
final class Numbers {
  /** How formats and people write that there is no value; compared in lower case. */
  private static final Set<String> MISSING = Set.of("", "?", "nan", "na", "null");

  private Numbers() {}

  /**
   * A number, or NaN for a missing one.
   *
   * @param step where it stands, from 0, for the message
   * @param channel likewise
   */
  static float parse(String text, int step, int channel) throws BadRowException {
    if (text.length() <= 4 && MISSING.contains(text.toLowerCase(Locale.ROOT))) {
      return Float.NaN;
    }
    try {
      return requireFinite(Float.parseFloat(text), text, step, channel);
    } catch (NumberFormatException e) {
      throw new BadRowException("'" + shorten(text) + "' is no number, " + place(step, channel));
    }
  }

  /** The number of a value that a format gives as one; null is a missing one. */
  static float of(Object value, int step, int channel) throws BadRowException {
    if (value == null) {
      return Float.NaN;
    }
    if (value instanceof Number number) {
      float rounded = number.floatValue();
      return Double.isNaN(number.doubleValue())
          ? Float.NaN
          : requireFinite(rounded, number.toString(), step, channel);
    }
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    return parse(value.toString().strip(), step, channel);
  }

  private static float requireFinite(float value, String text, int step, int channel)
      throws BadRowException {
    if (Float.isInfinite(value)) {
      throw new BadRowException(
          text + " is infinite or beyond the range of floats, " + place(step, channel));
    }
    return value;
  }

  static String place(int step, int channel) {
    return "at step " + (step + 1) + " of channel " + (channel + 1);
  }

  /** A whole number without fraction and exponent; anything else as it is. */
  static String canonical(String text) {
    try {
      BigDecimal number = new BigDecimal(text).stripTrailingZeros();
      return number.scale() <= 0 && number.precision() - number.scale() <= 18
          ? number.toBigInteger().toString()
          : text;
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static String shorten(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
