// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;

/**
 * Words written by a pen: at each step how far it went to the right and upwards (in heights of a
 * small letter) and 1 where it is lifted behind the point, the form of online handwriting in Graves
 * (2013). Every word has a slant, a size and a rising line of its own, every letter a width, and
 * every point is a little off. The label is the word.
 *
 * @param fewest letters of a word
 * @param most letters of a word
 * @param letters how many of the alphabet are used
 * @param jitter standard deviation of a point from its place, in heights of a small letter
 */
public record Strokes(int fewest, int most, int letters, double jitter) implements SequenceKind {
  /** The number of letters that can be written. */
  public static final int ALPHABET = 26;

  /** The distance of two points, in units of the font. */
  private static final double SPACING = 0.7;

  private static final double SLANT = 0.3;
  private static final double RISE = 0.06;
  private static final double SIZE = 0.15;
  private static final double GAP = 1.0;

  public Strokes {
    if (fewest < 1 || most < fewest) {
      throw new InputException(
          ("Words of %s to %s letters cannot be written: there must be at least 1, and"
                  + " --max-letters must not be less than --min-letters.")
              .formatted(fewest, most));
    }
  }

  @Override
  public Map<String, Object> sample(Draws draws) {
    StringBuilder word = new StringBuilder();
    int length = draws.between(fewest, most);
    for (int i = 0; i < length; i++) {
      word.append(StrokeFont.LETTERS.charAt(draws.below(letters)));
    }
    return Json.fields(
        "features", offsets(write(word.toString(), draws)), "label", word.toString());
  }

  /** Returns the strokes of a word, as points on the page in heights of a small letter. */
  private List<List<double[]>> write(String word, Draws draws) {
    double slant = draws.uniform(-SLANT, SLANT);
    double rise = draws.uniform(-RISE, RISE);
    double size = 1 + draws.uniform(-SIZE, SIZE);
    List<List<double[]>> written = new ArrayList<>();
    double left = 0;
    for (char letter : word.toCharArray()) {
      double wide = 1 + draws.uniform(-SIZE, SIZE);
      for (List<double[]> stroke : StrokeFont.strokes(letter)) {
        List<double[]> points = new ArrayList<>();
        for (double[] point : StrokeFont.written(stroke, SPACING)) {
          double across = left + wide * point[0] + slant * point[1];
          double x = size * across / StrokeFont.X_HEIGHT + jitter * draws.gaussian();
          double y = size * point[1] / StrokeFont.X_HEIGHT + rise * x + jitter * draws.gaussian();
          points.add(new double[] {x, y});
        }
        written.add(points);
      }
      left += wide * StrokeFont.width(letter) + GAP + draws.uniform(-0.4, 0.4);
    }
    return written;
  }

  private static List<List<BigDecimal>> offsets(List<List<double[]>> written) {
    List<List<BigDecimal>> offsets = new ArrayList<>();
    double[] last = written.get(0).get(0);
    for (List<double[]> stroke : written) {
      for (int i = 0; i < stroke.size(); i++) {
        double[] point = stroke.get(i);
        boolean lifted = i == stroke.size() - 1;
        offsets.add(
            List.of(
                SequenceKind.rounded(point[0] - last[0]),
                SequenceKind.rounded(point[1] - last[1]),
                lifted ? BigDecimal.ONE : BigDecimal.ZERO));
        last = point;
      }
    }
    return offsets;
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    double unit = WIDTH / (2.2 * most + 2);
    double x = 1.5 * unit;
    double y = HEIGHT / 2.0;
    Path2D pen = new Path2D.Double();
    boolean down = false;
    for (Object step : (List<?>) sample.get("features")) {
      List<?> frame = (List<?>) step;
      x += unit * ((Number) frame.get(0)).doubleValue();
      y -= unit * ((Number) frame.get(1)).doubleValue();
      if (down) {
        pen.lineTo(x, y);
      } else {
        pen.moveTo(x, y);
      }
      down = ((Number) frame.get(2)).intValue() == 0;
    }
    into.draw(pen);
    into.drawString((String) sample.get("label"), 4, HEIGHT - 4);
  }
}
