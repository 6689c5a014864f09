// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;

/**
 * Series that repeat themselves: a level, a slope, a season of three harmonics with phases of its
 * own, noise, and gaps where values are missing (null).
 *
 * @param length steps
 * @param season steps after which a series repeats
 * @param noise standard deviation of the noise, of which the season's is about 1
 * @param gaps share of the steps that are missing
 */
public record Series(int length, int season, double noise, double gaps) implements SequenceKind {
  private static final int HARMONICS = 3;
  private static final int LONGEST_GAP = 6;
  private static final double MOST_SLOPE = 0.5;

  public Series {
    if (season < 2 || length < 2 * season) {
      throw new InputException(
          ("A series has at least two seasons of at least 2 steps, but --length is %s and"
                  + " --season %s.")
              .formatted(length, season));
    }
  }

  @Override
  public Map<String, Object> sample(Draws draws) {
    double level = draws.uniform(-5, 5);
    double slope = draws.uniform(-MOST_SLOPE, MOST_SLOPE) / season;
    double[] height = new double[HARMONICS];
    double[] phase = new double[HARMONICS];
    for (int k = 0; k < HARMONICS; k++) {
      height[k] = draws.gaussian() / (k + 1);
      phase[k] = draws.uniform(0, 2 * Math.PI);
    }
    List<Object> values = new ArrayList<>(length);
    int gap = 0;
    for (int t = 0; t < length; t++) {
      double value = level + slope * t + noise * draws.gaussian();
      for (int k = 0; k < HARMONICS; k++) {
        value += height[k] * StrictMath.sin(2 * Math.PI * (k + 1) * t / season + phase[k]);
      }
      if (gap == 0 && draws.chance(2 * gaps / (1 + LONGEST_GAP))) {
        gap = draws.between(1, LONGEST_GAP);
      }
      // The first season stays whole, so that every series has something to go by.
      boolean missing = gap > 0 && t >= season;
      gap = Math.max(0, gap - 1);
      values.add(missing ? null : SequenceKind.rounded(value));
    }
    return Json.fields("features", values);
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    List<?> values = (List<?>) sample.get("features");
    DoubleSummaryStatistics range =
        values.stream()
            .filter(Objects::nonNull)
            .mapToDouble(value -> ((Number) value).doubleValue())
            .summaryStatistics();
    double unit = HEIGHT / (range.getMax() - range.getMin());
    Path2D line = new Path2D.Double();
    boolean gap = true;
    for (int t = 0; t < values.size(); t++) {
      if (values.get(t) instanceof Number number) {
        double x = (double) WIDTH * t / values.size();
        double y = unit * (range.getMax() - number.doubleValue());
        if (gap) {
          line.moveTo(x, y);
        } else {
          line.lineTo(x, y);
        }
      }
      gap = values.get(t) == null;
    }
    into.draw(line);
  }
}
