// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Rows of CSV or TSV. Blank lines are no rows. */
final class DelimitedRows extends TableLineRows {
  private static final char QUOTE = '"';

  private final TableSpec spec;
  private final int[] wanted;
  private final List<String> values = new ArrayList<>();

  /**
   * @param wanted places of the wanted columns
   */
  DelimitedRows(LineSource source, TableSpec spec, int[] wanted) {
    super(source);
    this.spec = spec;
    this.wanted = wanted;
  }

  @Override
  public boolean next() throws IOException {
    do {
      if (!source().next()) {
        return false;
      }
    } while (source().lines().from() == source().lines().to() || source().line().isEmpty());
    values.clear();
    String line = source().line();
    if (spec.format() == InputFormat.TSV) {
      splitAtTabs(line);
    } else {
      splitAtCommas(line);
    }
    requireWidth();
    return true;
  }

  private void requireWidth() throws IOException {
    int most = -1;
    for (int place : wanted) {
      most = Math.max(most, place);
    }
    if (values.size() <= most) {
      throw source()
          .problem(
              values.size()
                  + (values.size() == 1 ? " value" : " values")
                  + ", but column "
                  + (most + 1)
                  + " is wanted. Correct the line, or name the columns (--columns) and the format"
                  + " (--format).");
    }
  }

  private void splitAtTabs(String line) {
    int start = 0;
    for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', start)) {
      values.add(line.substring(start, tab));
      start = tab + 1;
    }
    values.add(line.substring(start));
  }

  private void splitAtCommas(String firstLine) throws IOException {
    String line = firstLine;
    int i = 0;
    while (i <= line.length()) {
      if (i < line.length() && line.charAt(i) == QUOTE) {
        StringBuilder value = new StringBuilder();
        i++;
        while (true) {
          int quote = line.indexOf(QUOTE, i);
          if (quote < 0) {
            value.append(line, i, line.length()).append('\n');
            line = continued();
            i = 0;
          } else if (quote + 1 < line.length() && line.charAt(quote + 1) == QUOTE) {
            value.append(line, i, quote + 1);
            i = quote + 2;
          } else {
            value.append(line, i, quote);
            i = quote + 1;
            break;
          }
        }
        values.add(value.toString());
        requireSeparator(line, i);
        i++;
      } else {
        int comma = line.indexOf(',', i);
        int end = comma < 0 ? line.length() : comma;
        values.add(line.substring(i, end));
        i = end + 1;
      }
    }
  }

  private void requireSeparator(String line, int i) throws IOException {
    if (i < line.length() && line.charAt(i) != ',') {
      throw source()
          .problem(
              "text behind the closing quote of value "
                  + values.size()
                  + "; a quote inside a quoted value is written twice.");
    }
  }

  private String continued() throws IOException {
    if (!spec.multiline()) {
      throw source()
          .problem(
              "a quoted value that does not end there. If values hold newlines, give --multiline;"
                  + " otherwise correct the line.");
    }
    if (!source().next()) {
      throw source().problem("the end of the file inside a quoted value: a quote is missing.");
    }
    return source().line();
  }

  /** How many values the row has. */
  int width() {
    return values.size();
  }

  /** A value by its place in the row. */
  String valueAt(int place) {
    return values.get(place);
  }

  @Override
  public String value(int column) {
    return values.get(wanted[column]);
  }
}
