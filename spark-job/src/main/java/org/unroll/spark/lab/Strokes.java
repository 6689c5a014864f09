// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
      word.append((char) ('a' + draws.below(letters)));
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
        for (double[] point : StrokeFont.written(stroke)) {
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

  /**
   * Small letters as a pen writes them, drawn for this project on a grid: a point is two digits, x
   * to the right and y upwards from the lowest descender, with the line at 3 and the small letters'
   * top at 6; blanks between the points of a stroke, bars between strokes.
   */
  static final class StrokeFont {
    /** The height of a small letter without ascender. */
    static final double X_HEIGHT = 3;

    /** The distance of two points that a pen writes. */
    private static final double SPACING = 0.7;

    private static final String[] DRAWN = {
      "45 36 26 15 14 23 33 45 46 44 53",
      "19 16 13 14 26 36 45 44 33 23 14",
      "45 36 26 15 14 23 33 44",
      "45 36 26 15 14 23 33 44 49 46 43",
      "14 45 36 26 15 14 23 33 44",
      "48 39 28 26 23|16 36",
      "45 36 26 15 14 23 33 45 46 42 30 20 11",
      "19 16 13 15 26 36 45 43",
      "16 15 13|18 17",
      "36 33 31 20 11|38 37",
      "19 16 13|45 14 25 43",
      "19 16 14 23 33",
      "06 03 05 16 25 23 25 36 45 43",
      "16 13 15 26 36 45 43",
      "36 26 15 14 23 33 44 45 36",
      "16 13 10|14 15 26 36 45 44 33 23 14",
      "45 36 26 15 14 23 33 44 46 43 40 51",
      "16 13 15 26 36 45",
      "45 36 26 15 25 34 44 33 23 13",
      "28 26 24 33 43|16 36",
      "16 14 23 33 44 46 44 53",
      "16 15 23 35 36",
      "06 13 25 33 46",
      "16 25 34 43|46 35 24 13",
      "16 14 24 35 46 43 31 20 10",
      "16 36 46 25 13 23 43"
    };

    /** Points that a smooth line has between two of its letter's. */
    private static final int STEPS = 8;

    private StrokeFont() {}

    /** Returns the strokes of a letter, each a list of points {@code [x, y]}. */
    static List<List<double[]>> strokes(char letter) {
      return Stream.of(DRAWN[letter - 'a'].split("\\|"))
          .map(
              stroke ->
                  Stream.of(stroke.split(" "))
                      .map(point -> new double[] {point.charAt(0) - '0', point.charAt(1) - '0'})
                      .toList())
          .toList();
    }

    /** Returns how far a letter reaches to the right. */
    static double width(char letter) {
      return strokes(letter).stream()
          .flatMap(List::stream)
          .mapToDouble(point -> point[0])
          .max()
          .orElse(0);
    }

    /** Returns a smooth line through all points (Catmull and Rom 1974), as many close ones. */
    private static List<double[]> smooth(List<double[]> points) {
      List<double[]> curve = new ArrayList<>();
      for (int i = 0; i + 1 < points.size(); i++) {
        double[] a = points.get(Math.max(0, i - 1));
        double[] b = points.get(i);
        double[] c = points.get(i + 1);
        double[] d = points.get(Math.min(points.size() - 1, i + 2));
        for (int s = 0; s < STEPS; s++) {
          double u = (double) s / STEPS;
          curve.add(new double[] {at(a[0], b[0], c[0], d[0], u), at(a[1], b[1], c[1], d[1], u)});
        }
      }
      curve.add(points.get(points.size() - 1));
      return curve;
    }

    private static double at(double a, double b, double c, double d, double u) {
      double linear = c - a;
      double square = 2 * a - 5 * b + 4 * c - d;
      double cube = 3 * b - a - 3 * c + d;
      return b + 0.5 * u * (linear + u * (square + u * cube));
    }

    /**
     * Returns a stroke as a pen goes through it, smoothly: the first point, points about as far
     * from each other along the line as {@link #SPACING}, and the last.
     */
    static List<double[]> written(List<double[]> stroke) {
      List<double[]> line = smooth(stroke);
      List<double[]> points = new ArrayList<>();
      points.add(line.get(0));
      double since = 0;
      for (int i = 1; i + 1 < line.size(); i++) {
        double[] from = line.get(i - 1);
        double[] to = line.get(i);
        since += Point2D.distance(from[0], from[1], to[0], to[1]);
        if (since >= SPACING) {
          points.add(to);
          since = 0;
        }
      }
      points.add(line.get(line.size() - 1));
      return points;
    }
  }
}
