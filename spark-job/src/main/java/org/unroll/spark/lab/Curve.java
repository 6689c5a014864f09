// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;

/** Lines through points {@code [x, y]}. */
final class Curve {
  private static final int STEPS = 8;

  private Curve() {}

  /** A smooth line through all points (Catmull and Rom 1974), as many close ones. */
  static List<double[]> smooth(List<double[]> points) {
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

  /** The first point, points about this far from each other along the line, and the last point. */
  static List<double[]> resample(List<double[]> line, double spacing) {
    List<double[]> points = new ArrayList<>();
    points.add(line.get(0));
    double since = 0;
    for (int i = 1; i + 1 < line.size(); i++) {
      since += distance(line.get(i - 1), line.get(i));
      if (since >= spacing) {
        points.add(line.get(i));
        since = 0;
      }
    }
    points.add(line.get(line.size() - 1));
    return points;
  }

  private static double distance(double[] a, double[] b) {
    double x = b[0] - a[0];
    double y = b[1] - a[1];
    return Math.sqrt(x * x + y * y);
  }
}
