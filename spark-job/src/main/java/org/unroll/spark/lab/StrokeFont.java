// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * Small letters as a pen writes them, drawn for this project on a grid: a point is two digits, x to
 * the right and y upwards from the lowest descender, with the line at 3 and the small letters' top
 * at 6; blanks between the points of a stroke, bars between strokes.
 */
final class StrokeFont {
  static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  /** Height of a small letter without ascender. */
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

  private StrokeFont() {}

  /** The strokes of a letter, each a list of points {@code [x, y]}. */
  static List<List<double[]>> strokes(char letter) {
    List<List<double[]>> strokes = new ArrayList<>();
    for (String stroke : DRAWN[LETTERS.indexOf(letter)].split("\\|")) {
      List<double[]> points = new ArrayList<>();
      for (String point : stroke.split(" ")) {
        points.add(new double[] {point.charAt(0) - '0', point.charAt(1) - '0'});
      }
      strokes.add(points);
    }
    return strokes;
  }

  /** How far a letter reaches to the right. */
  static double width(char letter) {
    double width = 0;
    for (List<double[]> stroke : strokes(letter)) {
      for (double[] point : stroke) {
        width = Math.max(width, point[0]);
      }
    }
    return width;
  }
}
