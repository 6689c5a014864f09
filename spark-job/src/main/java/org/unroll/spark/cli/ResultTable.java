// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Report;

/**
 * Results are tables for people: names with their values, or rows of figures below the names of
 * their columns, printed one by one while a command goes on, so that the widths are chosen before.
 */
final class ResultTable {
  /** The text that stands where there is no figure. */
  static final String NONE = "-";

  private static final String GAP = "  ";

  /**
   * A column of figures.
   *
   * @param header above it
   * @param width of its widest figure
   */
  record Column(String header, int width) {}

  /** Returns a column of figures; see {@link Column}. */
  static Column column(String header, int width) {
    return new Column(header, Math.max(header.length(), width));
  }

  private final int nameWidth;
  private final List<Column> columns;

  /**
   * Makes a table that has no lines yet.
   *
   * @param names all that will stand in the first column
   */
  ResultTable(List<String> names, List<Column> columns) {
    nameWidth = names.stream().mapToInt(String::length).max().orElse(0);
    this.columns = columns;
  }

  /** Returns the line with the names of the columns. */
  String header() {
    return row("", columns.stream().map(Column::header).toList());
  }

  /** Returns a line, which has as many figures as there are columns. */
  String row(String name, List<String> figures) {
    List<String> parts = new ArrayList<>();
    parts.add(("%-" + Math.max(1, nameWidth) + "s").formatted(name));
    for (int i = 0; i < columns.size(); i++) {
      parts.add(("%" + columns.get(i).width() + "s").formatted(figures.get(i)));
    }
    return String.join(GAP, parts);
  }

  /** Returns a report's table, its rows below the names of their columns. */
  static String of(Report.Table table) {
    return table.heading() + "\n" + of(table.columns(), table.rows());
  }

  /**
   * Returns a whole table as wide as it has to be, its rows below the names of their columns. What
   * stands first in a row is its name.
   */
  static String of(List<String> headers, List<List<String>> rows) {
    List<Column> columns = new ArrayList<>();
    for (int c = 1; c < headers.size(); c++) {
      int column = c;
      int width = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
      columns.add(column(headers.get(c), width));
    }
    ResultTable table = new ResultTable(rows.stream().map(row -> row.get(0)).toList(), columns);
    List<String> lines = new ArrayList<>(List.of(table.header()));
    rows.forEach(row -> lines.add(table.row(row.get(0), row.subList(1, row.size()))));
    return String.join("\n", lines);
  }

  /** Returns names with their values, one a line. */
  static String text(Map<String, ?> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    rows.forEach((name, value) -> text.append(("%-" + width + "s  %s%n").formatted(name, value)));
    return text.toString().stripTrailing();
  }
}
