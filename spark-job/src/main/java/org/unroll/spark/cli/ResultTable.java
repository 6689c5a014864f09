// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.unroll.spark.report.Report;

/**
 * Results are tables for people: names with their values, or rows of figures below the names of
 * their columns, printed one by one while a command goes on, so that the widths are chosen before.
 */
final class ResultTable {
  private static final String NO_FIGURE = "-";
  private static final String GAP = "  ";

  /**
   * A column of figures.
   *
   * @param header above it
   * @param width of its widest figure
   * @param figure its name among the figures of a row, as JSON has it
   * @param text such a figure for people
   */
  record Column(String header, int width, String figure, DoubleFunction<String> text) {
    /** Describes a column of a whole table, whose widest figure is known. */
    Column(String header, String figure, DoubleFunction<String> text) {
      this(header, 0, figure, text);
    }

    private String cell(Map<String, ?> figures) {
      return figures.get(figure) instanceof Number number
          ? text.apply(number.doubleValue())
          : NO_FIGURE;
    }
  }

  private final List<Column> columns;
  private final int[] widths;

  /**
   * Makes a table that has no lines yet.
   *
   * @param names all that will stand in the first column
   */
  ResultTable(List<String> names, List<Column> columns) {
    this.columns = columns;
    IntStream first = IntStream.of(widest(names.stream()));
    IntStream others = columns.stream().mapToInt(c -> Math.max(c.header().length(), c.width()));
    widths = IntStream.concat(first, others).toArray();
  }

  private static int widest(Stream<String> texts) {
    return texts.mapToInt(String::length).max().orElse(0);
  }

  /** Returns the line with the names of the columns. */
  String header() {
    return line(headers(columns), widths);
  }

  /** Returns a line of figures; those that its columns ask for and that it has not are left out. */
  String row(String name, Map<String, ?> figures) {
    return line(cells(name, columns, figures), widths);
  }

  private static List<String> headers(List<Column> columns) {
    return Stream.concat(Stream.of(""), columns.stream().map(Column::header)).toList();
  }

  private static List<String> cells(String name, List<Column> columns, Map<String, ?> figures) {
    return Stream.concat(Stream.of(name), columns.stream().map(c -> c.cell(figures))).toList();
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(1, widths.length)
        .mapToObj(i -> GAP + StringUtils.leftPad(cells.get(i), widths[i]))
        .collect(joining("", StringUtils.rightPad(cells.get(0), widths[0]), ""));
  }

  /** Returns a whole table of figures, as wide as it has to be, with a name for each row. */
  static String of(List<Column> columns, List<String> names, List<? extends Map<String, ?>> rows) {
    return of(
        headers(columns),
        IntStream.range(0, names.size())
            .mapToObj(i -> cells(names.get(i), columns, rows.get(i)))
            .toList());
  }

  /**
   * Returns a report's table, its rows below the names of their columns. What stands first in a row
   * is its name.
   */
  static String of(Report.Table table) {
    return table.heading() + "\n" + of(table.columns(), table.rows());
  }

  private static String of(List<String> headers, List<List<String>> rows) {
    List<List<String>> lines = new ArrayList<>(rows);
    lines.add(0, Stream.concat(Stream.of(""), headers.stream().skip(1)).toList());
    int[] widths =
        IntStream.range(0, headers.size())
            .map(column -> widest(lines.stream().map(line -> line.get(column))))
            .toArray();
    return lines.stream().map(line -> line(line, widths)).collect(joining("\n"));
  }

  /** Returns names with their values, one a line. */
  static String text(Map<String, ?> rows) {
    int width = widest(rows.keySet().stream());
    return rows.entrySet().stream()
        .map(row -> StringUtils.rightPad(row.getKey(), width) + GAP + row.getValue())
        .collect(joining("\n"))
        .stripTrailing();
  }
}
