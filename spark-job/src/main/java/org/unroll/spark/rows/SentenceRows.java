// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.unroll.spark.rows.RowReader.BadRowException;

/**
 * Reads sentences of a token each line, with a blank line behind each. A part of a file has the
 * sentences that stand behind the blank lines that begin in it, and the first part also the file's
 * first sentence: so none is cut and none comes twice, wherever a file is cut. Lines that begin
 * with {@code -DOCSTART-} part documents and are no sentences.
 */
final class SentenceRows extends RowReader.OfLines {
  private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
  private static final Pattern OUTER_BLANKS = Pattern.compile("^[ \\t]+|[ \\t]+$");
  private static final String DOCUMENT = "-DOCSTART-";

  /** The ids of multiword tokens and empty nodes, which are no words of the sentence. */
  private static final Pattern EXTRA_ID = Pattern.compile("\\d+[-.]\\d+");

  private final long end;
  private final int columns;
  private final boolean conllu;
  private boolean more = true;

  /**
   * Takes over lines.
   *
   * @param start of the part, where the lines begin
   * @param end of the part
   * @param columns how many every line must have
   * @param conllu whether comments and extra nodes are left out
   */
  SentenceRows(Lines lines, long start, long end, int columns, boolean conllu) throws IOException {
    super(lines);
    this.end = end;
    this.columns = columns;
    this.conllu = conllu;
    if (start > 0) {
      skipSentence();
    }
  }

  private void skipSentence() throws IOException {
    more = false;
    while (lines.advance()) {
      if (lines.isBlank()) {
        more = lines.position() < end;
        return;
      }
    }
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    List<String[]> tokens = new ArrayList<>();
    long position = -1;
    while (more) {
      if (!lines.advance()) {
        more = false;
      } else if (lines.isBlank()) {
        more = lines.position() < end;
        if (!tokens.isEmpty()) {
          return row(position, tokens);
        }
      } else {
        position = position < 0 ? lines.position() : position;
        add(tokens);
      }
    }
    return tokens.isEmpty() ? null : row(position, tokens);
  }

  private void add(List<String[]> tokens) throws IOException, BadRowException {
    long position = lines.position();
    try {
      String line = lines.text();
      if (conllu && line.startsWith("#")) {
        return;
      }
      if (!conllu && isDocumentStart(line)) {
        return;
      }
      String[] fields = LineRows.requireWidth(fields(line), columns);
      if (!conllu || !EXTRA_ID.matcher(fields[0]).matches()) {
        tokens.add(fields);
      }
    } catch (BadRowException e) {
      skipSentence();
      throw e.at(position);
    }
  }

  private String[] fields(String line) {
    String[] byTabs = LineRows.tabs(line);
    return conllu || byTabs.length == columns ? byTabs : blankSeparated(line);
  }

  /** Returns the columns of a line between blanks of ASCII; others may be words. */
  static String[] blankSeparated(String line) {
    return BLANKS.split(OUTER_BLANKS.matcher(line).replaceAll(""), -1);
  }

  /** Returns whether a line only parts documents. */
  static boolean isDocumentStart(String line) {
    return line.startsWith(DOCUMENT);
  }

  private RawRow row(long position, List<String[]> tokens) {
    Object[] values = new Object[columns];
    for (int c = 0; c < columns; c++) {
      String[] column = new String[tokens.size()];
      for (int t = 0; t < column.length; t++) {
        column[t] = tokens.get(t)[c];
      }
      values[c] = column;
    }
    return new RawRow(position, values);
  }
}
