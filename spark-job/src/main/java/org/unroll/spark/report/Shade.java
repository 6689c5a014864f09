// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.util.Locale;

/**
 * Values as shades: blue above zero, orange below, the stronger the further from it, in colours
 * that go with light and with dark pages.
 */
public final class Shade {
  private static final int ABOVE = 0x2f8fb0;
  private static final int BELOW = 0xd08a2a;

  private Shade() {}

  /** Returns the largest distance from zero, which is the limit of values that have no other. */
  public static double limit(float... values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /** Returns how strong the colour of a value is, from 0 to 1 at the limit. */
  static double strength(double value, double limit) {
    return limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
  }

  private static int color(double value) {
    return value < 0 ? BELOW : ABOVE;
  }

  /** Returns the colour for Java. */
  static Color of(double value, double limit) {
    int alpha = (int) Math.round(255 * strength(value, limit));
    return new Color(alpha << 24 | color(value), true);
  }

  /** Returns the colour for a style sheet. */
  static String css(double value, double limit) {
    int c = color(value);
    return String.format(
        Locale.ROOT,
        "rgb(%d %d %d / %s)",
        c >> 16 & 255,
        c >> 8 & 255,
        c & 255,
        Figures.ratio(strength(value, limit)));
  }
}
