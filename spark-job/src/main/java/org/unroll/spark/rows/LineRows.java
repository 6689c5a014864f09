// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;

/** Rows that are one line each: those that begin before a place of the file. */
final class LineRows implements RowReader {
  private final Lines lines;
  private final long end;
  private final LineParser parser;

  LineRows(Lines lines, long end, LineParser parser) {
    this.lines = lines;
    this.end = end;
    this.parser = parser;
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    while (lines.advance() && lines.position() < end) {
      if (lines.isEmpty()) {
        continue;
      }
      try {
        Object[] values = parser.parse(lines.text());
        if (values != null) {
          return new RawRow(lines.position(), values);
        }
      } catch (BadRowException e) {
        throw e.at(lines.position());
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
