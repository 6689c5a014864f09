// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines of a table that is printed while it grows, so its widths are chosen before. */
final class ColumnTable {
  /** What stands where there is no figure. */
  static final String NONE = "-";

  private static final String GAP = "  ";

  /**
   * A column of figures.
   *
   * @param header above it
   * @param width of its widest figure
   */
  record Column(String header, int width) {
    int room() {
      return Math.max(header.length(), width);
    }
  }

  private final int nameWidth;
  private final List<Column> columns;

  /**
   * @param names all that will stand in the first column
   */
  ColumnTable(List<String> names, List<Column> columns) {
    nameWidth = names.stream().mapToInt(String::length).max().orElse(0);
    this.columns = columns;
  }

  String header() {
    return row("", columns.stream().map(Column::header).toList());
  }

  /** A line with as many figures as there are columns. */
  String row(String name, List<String> figures) {
    List<String> parts = new ArrayList<>();
    parts.add(("%-" + Math.max(1, nameWidth) + "s").formatted(name));
    for (int i = 0; i < columns.size(); i++) {
      parts.add(("%" + columns.get(i).room() + "s").formatted(figures.get(i)));
    }
    return String.join(GAP, parts);
  }
}
