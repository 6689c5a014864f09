// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the words of a map stand so that they hide each other as little as possible: each above its
 * point, below it, right or left of it, the first of these places that is free, or the one where it
 * covers least. All in pixels; widths are estimates, since fonts differ.
 */
final class LabelPlaces {
  private static final double HEIGHT = 15;
  private static final double CHARACTER = 7;

  /** Between the middle of a point and its word. */
  private static final double GAP = 6;

  private record Box(double left, double top, double right, double bottom) {
    static Box around(double x, double y, double width, double height) {
      return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
    }

    double x() {
      return (left + right) / 2;
    }

    double y() {
      return (top + bottom) / 2;
    }

    double common(Box other) {
      double width = Math.min(right, other.right) - Math.max(left, other.left);
      double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
      return Math.max(0, width) * Math.max(0, height);
    }
  }

  private LabelPlaces() {}

  /**
   * The middle of each word, {@code [words, 2]}; those that come first choose first.
   *
   * @param points of the words, {@code [words, 2]}
   */
  static double[][] choose(List<String> words, double[][] points) {
    List<Box> taken = new ArrayList<>();
    for (double[] point : points) {
      taken.add(Box.around(point[0], point[1], GAP, GAP));
    }
    double[][] middles = new double[points.length][];
    for (int i = 0; i < points.length; i++) {
      Box best = best(points[i], CHARACTER * words.get(i).length(), taken);
      taken.add(best);
      middles[i] = new double[] {best.x(), best.y()};
    }
    return middles;
  }

  private static Box best(double[] point, double width, List<Box> taken) {
    double up = GAP + HEIGHT / 2;
    double aside = GAP + width / 2;
    double[][] steps = {{0, -up}, {0, up}, {aside, 0}, {-aside, 0}};
    Box best = null;
    double least = Double.MAX_VALUE;
    for (double[] step : steps) {
      Box box = Box.around(point[0] + step[0], point[1] + step[1], width, HEIGHT);
      double covered = taken.stream().mapToDouble(box::common).sum();
      if (covered < least) {
        least = covered;
        best = box;
      }
    }
    return best;
  }
}
