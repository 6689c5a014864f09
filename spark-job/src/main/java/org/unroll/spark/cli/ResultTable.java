// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Report;

/** A run's figures as a small table for people. */
final class ResultTable {
  private ResultTable() {}

  /** Rows below their columns' names. */
  static String of(Report.Table table) {
    List<ColumnTable.Column> columns = new ArrayList<>();
    for (int c = 1; c < table.columns().size(); c++) {
      int column = c;
      int width = table.rows().stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
      columns.add(new ColumnTable.Column(table.columns().get(c), width));
    }
    ColumnTable text =
        new ColumnTable(table.rows().stream().map(row -> row.get(0)).toList(), columns);
    StringBuilder lines = new StringBuilder(table.heading()).append('\n').append(text.header());
    for (List<String> row : table.rows()) {
      lines.append('\n').append(text.row(row.get(0), row.subList(1, row.size())));
    }
    return lines.toString();
  }

  static String text(Map<String, String> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    rows.forEach((name, value) -> text.append(("%-" + width + "s  %s%n").formatted(name, value)));
    return text.toString().stripTrailing();
  }
}
