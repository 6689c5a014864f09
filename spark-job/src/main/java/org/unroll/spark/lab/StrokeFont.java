// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Small letters as a pen writes them, drawn for this project on a grid: a point is two digits, x to
 * the right and y upwards from the lowest descender, with the line at 3 and the small letters' top
 * at 6; blanks between the points of a stroke, bars between strokes.
 */
final class StrokeFont {
  static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  /** The height of a small letter without ascender. */
  static final double X_HEIGHT = 3;

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
    return Stream.of(DRAWN[LETTERS.indexOf(letter)].split("\\|"))
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

  /** Returns the points of a stroke as a pen goes through it, smoothly, about so far apart. */
  static List<double[]> written(List<double[]> stroke, double spacing) {
    return resample(smooth(stroke), spacing);
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

  /** Returns the first point, points about so far from each other along the line, and the last. */
  private static List<double[]> resample(List<double[]> line, double spacing) {
    List<double[]> points = new ArrayList<>();
    points.add(line.get(0));
    double since = 0;
    for (int i = 1; i + 1 < line.size(); i++) {
      double[] from = line.get(i - 1);
      double[] to = line.get(i);
      since += Point2D.distance(from[0], from[1], to[0], to[1]);
      if (since >= spacing) {
        points.add(to);
        since = 0;
      }
    }
    points.add(line.get(line.size() - 1));
    return points;
  }
}
