// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;

/**
 * Rows of comma-separated values, all of one file: where a quoted value may hold newlines, no part
 * of a file can be read for itself. Fields are cut by the parser that Spark's own CSV source is
 * built on; here only the lines of a row are put together, so that each row keeps its place and one
 * that is damaged does not take the others with it.
 */
final class CsvRows implements RowReader {
  private static final char QUOTE = '"';
  private static final char COMMA = ',';

  private final Lines lines;
  private final int columns;
  private final CsvParser parser = parser();
  private long position;

  /**
   * @param columns how many every row must have
   */
  CsvRows(Lines lines, int columns) {
    this.lines = lines;
    this.columns = columns;
  }

  private static CsvParser parser() {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setLineSeparator("\n");
    settings.getFormat().setComment('\0');
    settings.setMaxCharsPerColumn(-1);
    settings.setMaxColumns(1 << 20);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setSkipEmptyLines(false);
    settings.setEmptyValue("");
    settings.setErrorContentLength(0);
    return new CsvParser(settings);
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    String[] fields = nextFields();
    if (fields != null && fields.length != columns) {
      throw new BadRowException(position, TableParsers.wrongCount(fields.length, columns));
    }
    return fields == null ? null : new RawRow(position, fields);
  }

  /** The next row, however many fields it has; null behind the last. */
  String[] nextFields() throws IOException, BadRowException {
    while (lines.advance()) {
      if (!lines.isEmpty()) {
        position = lines.position();
        return fields(record());
      }
    }
    return null;
  }

  /** The lines of a row, of which there is more than one where a quoted value is left open. */
  private String record() throws IOException, BadRowException {
    String line = lines.text();
    boolean quoted = endsQuoted(line, false);
    if (!quoted) {
      return line;
    }
    StringBuilder record = new StringBuilder(line);
    while (quoted) {
      if (!lines.advance() || record.length() > Lines.LONGEST) {
        throw new BadRowException(position, "a quote that begins in it is never closed");
      }
      String more = lines.text();
      record.append('\n').append(more);
      quoted = endsQuoted(more, true);
    }
    return record.toString();
  }

  /** Whether a quoted value is open at the end; quotes inside unquoted values mean themselves. */
  private static boolean endsQuoted(String line, boolean openBefore) {
    boolean open = openBefore;
    boolean fieldStart = !openBefore;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (open) {
        boolean escaped = c == QUOTE && i + 1 < line.length() && line.charAt(i + 1) == QUOTE;
        i += escaped ? 1 : 0;
        open = c != QUOTE || escaped;
      } else {
        open = c == QUOTE && fieldStart;
        fieldStart = c == COMMA;
      }
    }
    return open;
  }

  private String[] fields(String record) throws BadRowException {
    try {
      return parser.parseLine(record);
    } catch (TextParsingException e) {
      throw new BadRowException(position, "it is no row of comma-separated values");
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
