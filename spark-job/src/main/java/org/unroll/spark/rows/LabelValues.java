// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.util.ArrayList;
import java.util.List;

/** Labels, in the forms that formats have them. */
final class LabelValues {
  private static final String BLANKS = "\\s+";

  private LabelValues() {}

  /** A value as text: whole numbers without a fraction. */
  static String text(Object value) {
    return value instanceof Number ? Numbers.canonical(value.toString()) : value.toString();
  }

  /** The label of a whole sequence. */
  static String one(Object value, String column) throws BadRowException {
    if (value instanceof List<?> || value instanceof String[]) {
      throw new BadRowException(
          "its label (column '" + column + "') is a list, but the sequence has one label");
    }
    String label = value == null ? "" : text(value);
    if (label.isBlank()) {
      throw unlabelled(column);
    }
    return label;
  }

  /** A label for each of T steps. */
  static String[] steps(Object value, String column, int steps) throws BadRowException {
    String[] labels = list(value, column);
    if (labels.length != steps) {
      throw new BadRowException(
          "it has " + labels.length + " labels (column '" + column + "') for " + steps + " steps");
    }
    for (int t = 0; t < steps; t++) {
      if (labels[t].isBlank()) {
        throw new BadRowException("step " + (t + 1) + " has no label (column '" + column + "')");
      }
    }
    return labels;
  }

  private static String[] list(Object value, String column) throws BadRowException {
    if (value instanceof String[] labels) {
      return labels;
    }
    if (value instanceof List<?> list) {
      List<String> labels = new ArrayList<>(list.size());
      for (Object label : list) {
        labels.add(label == null ? "" : text(label));
      }
      return labels.toArray(String[]::new);
    }
    if (value == null || value.toString().isBlank()) {
      throw unlabelled(column);
    }
    return value.toString().strip().split(BLANKS);
  }

  /** One number or several. */
  static float[] numbers(Object value, String column) throws BadRowException {
    if (value == null) {
      throw unlabelled(column);
    }
    Frames frames = FrameValues.of(List.of(column), new Object[] {value}, false);
    if (frames.values().length == 0) {
      throw unlabelled(column);
    }
    return frames.values();
  }

  private static BadRowException unlabelled(String column) {
    return new BadRowException("it has no label (column '" + column + "')");
  }
}
