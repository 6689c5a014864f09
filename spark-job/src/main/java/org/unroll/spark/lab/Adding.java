// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Json;

/**
 * The adding problem (Hochreiter and Schmidhuber 1997): of T numbers in [0, 1), the two that are
 * marked are to be added, one in the first half and one in the second. Whoever forgets the first
 * can do no better than a mean squared error of 1/6, which is that of always saying 1, or half of
 * it.
 *
 * @param length T
 */
public record Adding(int length) implements SequenceKind {
  @Override
  public Map<String, Object> sample(Draws draws) {
    int first = draws.below(length / 2);
    int second = length / 2 + draws.below(length - length / 2);
    List<List<BigDecimal>> features = new ArrayList<>(length);
    BigDecimal sum = BigDecimal.ZERO;
    for (int t = 0; t < length; t++) {
      boolean marked = t == first || t == second;
      BigDecimal value = SequenceKind.rounded(draws.uniform());
      sum = marked ? sum.add(value) : sum;
      features.add(List.of(value, marked ? BigDecimal.ONE : BigDecimal.ZERO));
    }
    return Json.fields("features", features, "label", sum);
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    List<?> features = (List<?>) sample.get("features");
    double step = (double) WIDTH / features.size();
    for (int t = 0; t < features.size(); t++) {
      List<?> frame = (List<?>) features.get(t);
      int x = (int) (step * t);
      int height = (int) (((Number) frame.get(0)).doubleValue() * HEIGHT);
      into.drawLine(x, HEIGHT, x, HEIGHT - height);
      if (((Number) frame.get(1)).intValue() == 1) {
        into.fillOval(x - 4, HEIGHT - height - 4, 8, 8);
      }
    }
  }
}
