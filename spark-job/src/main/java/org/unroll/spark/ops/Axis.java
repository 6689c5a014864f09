// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ops;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * An axis of a chart: a range with round numbers on it.
 *
 * @param min the value at its beginning
 * @param max the value at its end
 * @param ticks the values to print, from the lowest
 */
record Axis(double min, double max, List<BigDecimal> ticks) {

  /**
   * An axis that begins and ends at a tick and holds all values.
   *
   * @param most how many steps between ticks there may be
   */
  static Axis over(double low, double high, int most) {
    double span = high > low ? high - low : Math.max(Math.abs(high), 1e-3) * 0.1;
    BigDecimal step = roundStep(span / most);
    BigDecimal first = floor(low, step);
    List<BigDecimal> ticks = new ArrayList<>(List.of(first));
    while (ticks.get(ticks.size() - 1).doubleValue() < Math.max(high, low + span * 1e-9)) {
      ticks.add(first.add(step.multiply(BigDecimal.valueOf(ticks.size()))));
    }
    return new Axis(first.doubleValue(), ticks.get(ticks.size() - 1).doubleValue(), ticks);
  }

  /** An axis of whole numbers from the first to the last, both without a margin. */
  static Axis counting(int first, int last, int most) {
    int step =
        roundStep(Math.max(1, (last - first) / (double) most))
            .setScale(0, RoundingMode.CEILING)
            .intValueExact();
    List<BigDecimal> ticks = new ArrayList<>();
    for (int tick = step == 1 ? first : step; tick <= last; tick += step) {
      ticks.add(BigDecimal.valueOf(tick));
    }
    return new Axis(first, Math.max(last, first + 1), ticks);
  }

  private static BigDecimal floor(double value, BigDecimal step) {
    return BigDecimal.valueOf(value).divide(step, 0, RoundingMode.FLOOR).multiply(step);
  }

  /** The smallest of 1, 2 and 5 times a power of ten that is not below the value. */
  private static BigDecimal roundStep(double value) {
    int exponent = (int) Math.floor(Math.log10(value));
    for (int digit : new int[] {1, 2, 5}) {
      BigDecimal step = BigDecimal.valueOf(digit).scaleByPowerOfTen(exponent);
      if (step.doubleValue() >= value * (1 - 1e-9)) {
        return step;
      }
    }
    return BigDecimal.ONE.scaleByPowerOfTen(exponent + 1);
  }

  /** Where a value is, from 0 at the beginning to 1 at the end. */
  double position(double value) {
    return (value - min) / (max - min);
  }
}
