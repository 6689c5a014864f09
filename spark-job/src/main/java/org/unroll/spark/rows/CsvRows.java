// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.unroll.spark.rows.RowReader.BadRowException;

/**
 * The rows of comma-separated values as RFC 4180 has them, all of one file: where a quoted value
 * may hold newlines, no part of a file can be read for itself. Fields are cut by the parser that
 * Spark's own CSV source is built on; here only the lines of a row are put together, so that each
 * row keeps its place.
 *
 * <p>A row is bad if text stands behind a closing quote, or if a quote is never closed. It takes no
 * other row along: reading goes on at the line behind its first one, whatever its quote seemed to
 * span. Quotes inside a value that does not begin with one mean themselves.
 */
final class CsvRows extends RowReader.OfLines {
  private static final char QUOTE = '"';
  private static final char COMMA = ',';

  /** The most characters of a row. */
  private static final int LONGEST = 1 << 26;

  /** The most columns of a row. */
  private static final int MOST_COLUMNS = 1 << 20;

  private final int columns;

  /** Makes room for all columns that it may meet, which is no more than rows have characters. */
  private CsvParser parser;

  private int room;

  /** The lines behind the first one of a bad row, which are read again. */
  private final Deque<Line> again = new ArrayDeque<>();

  /**
   * A line with its place.
   *
   * @param text null if there is a problem
   * @param problem null if there is none
   */
  private record Line(long position, String text, BadRowException problem) {
    boolean isBlank() {
      return problem == null && text.chars().allMatch(c -> c == ' ' || c == '\t');
    }
  }

  /** The states in which the quotes of a line leave a row. */
  private enum Quotes {
    /** All quotes are closed: the row ends here. */
    CLOSED,
    /** A quoted value goes on in the next line. */
    OPEN,
    /** Text stands behind a closing quote. */
    BROKEN
  }

  /**
   * Takes over the lines of a file.
   *
   * @param columns how many every row must have
   */
  CsvRows(Lines lines, int columns) {
    super(lines);
    this.columns = columns;
  }

  private static CsvParser parser(int columns) {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setLineSeparator("\n");
    settings.setCommentProcessingEnabled(false);
    settings.setMaxCharsPerColumn(-1);
    settings.setMaxColumns(columns);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setSkipBitsAsWhitespace(false);
    settings.setSkipEmptyLines(false);
    settings.setEmptyValue("");
    settings.setNullValue("");
    settings.setErrorContentLength(0);
    return new CsvParser(settings);
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    Line line = nextRow();
    if (line == null) {
      return null;
    }
    try {
      return new RawRow(line.position(), LineRows.requireWidth(fields(line), columns));
    } catch (BadRowException e) {
      throw e.at(line.position());
    }
  }

  /** Returns the next row, however many fields it has; null behind the last. */
  String[] nextFields() throws IOException, BadRowException {
    Line line = nextRow();
    return line == null ? null : fields(line);
  }

  /** Returns the first line of the next row. */
  private Line nextRow() throws IOException {
    Line line = nextLine();
    while (line != null && line.isBlank()) {
      line = nextLine();
    }
    return line;
  }

  private Line nextLine() throws IOException {
    if (!again.isEmpty()) {
      return again.pop();
    }
    if (!lines.advance()) {
      return null;
    }
    try {
      return new Line(lines.position(), lines.text(), null);
    } catch (BadRowException e) {
      return new Line(lines.position(), null, e);
    }
  }

  private String[] fields(Line first) throws IOException, BadRowException {
    if (first.problem() != null) {
      throw first.problem();
    }
    Quotes quotes = quotes(first.text(), false);
    String record = first.text();
    if (quotes != Quotes.CLOSED) {
      List<Line> more = new ArrayList<>();
      StringBuilder all = new StringBuilder(record);
      while (quotes == Quotes.OPEN) {
        Line line = nextLine();
        if (line != null) {
          more.add(line);
        }
        if (line == null || line.problem() != null || all.length() > LONGEST) {
          break;
        }
        all.append('\n').append(line.text());
        quotes = quotes(line.text(), true);
      }
      requireClosed(quotes, first, more);
      record = all.toString();
    }
    return cut(record, first.position());
  }

  private void requireClosed(Quotes quotes, Line first, List<Line> more) throws BadRowException {
    if (quotes == Quotes.CLOSED) {
      return;
    }
    for (int i = more.size() - 1; i >= 0; i--) {
      again.push(more.get(i));
    }
    if (quotes == Quotes.OPEN) {
      throw new BadRowException(first.position(), "a quote that begins in it is never closed");
    }
    throw new BadRowException(
        first.position(),
        "text stands behind a closing quote"
            + (more.isEmpty() ? "" : ", " + more.size() + " lines further on")
            + "; a quote inside a quoted value is written twice");
  }

  /**
   * Follows the quotes of a line.
   *
   * @param openBefore whether it begins inside a quoted value
   */
  private static Quotes quotes(String line, boolean openBefore) {
    boolean open = openBefore;
    boolean fieldStart = !openBefore;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (!open) {
        open = c == QUOTE && fieldStart;
        fieldStart = c == COMMA;
      } else if (c == QUOTE) {
        char next = i + 1 < line.length() ? line.charAt(i + 1) : COMMA;
        if (next != QUOTE && next != COMMA) {
          return Quotes.BROKEN;
        }
        open = next == QUOTE;
        i += open ? 1 : 0;
      }
    }
    return open ? Quotes.OPEN : Quotes.CLOSED;
  }

  private String[] cut(String record, long position) throws BadRowException {
    if (record.length() >= room && room < MOST_COLUMNS) {
      room = Math.min(MOST_COLUMNS, 2 * record.length() + 1);
      parser = parser(room);
    }
    String[] fields = null;
    try {
      fields = parser.parseLine(record);
    } catch (TextParsingException e) {
      // The parser's message quotes its own source; what it says is that there are no fields.
    }
    if (fields == null) {
      throw new BadRowException(position, "it is no row of comma-separated values");
    }
    return fields;
  }
}
