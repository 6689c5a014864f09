// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Font;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A text whose tokens stand on the {@link Shade}s of their values.
 *
 * @param tokens as a vocabulary calls them
 * @param values of the tokens, of which there may be more
 * @param limit the value that has the full colour
 */
record ShadedText(List<String> tokens, float[] values, double limit) {
  private static final Font TEXT = new Font(Font.MONOSPACED, Font.PLAIN, 13);
  private static final int LETTER = 8;
  private static final int LINE = 22;
  private static final int MARGIN = 14;
  private static final int COLUMNS = 96;

  /** A piece of a line: where it stands, in letters and lines, and which token it is. */
  private record Piece(int column, int line, int token, String text) {}

  /**
   * Adds the text to a page.
   *
   * @param told what is said of a token where a mouse rests on it; null for nothing
   */
  void addTo(HtmlPage page, IntFunction<String> told) {
    StringBuilder html = new StringBuilder("<p class=\"told\" dir=\"auto\">");
    for (int t = 0; t < tokens.size(); t++) {
      String title = told == null ? "" : " title=\"%s\"".formatted(HtmlPage.text(told.apply(t)));
      html.append(
          "<span%s style=\"background:%s\">%s</span>"
              .formatted(title, Shade.css(values[t], limit), HtmlPage.text(inLine(tokens.get(t)))));
    }
    page.add(html + "</p>");
  }

  /** Returns a token as it stands in a text: words have a blank between them, lines end. */
  private static String inLine(String token) {
    if (token.equals("\n")) {
      return "⏎\n";
    }
    boolean character = token.codePointCount(0, token.length()) == 1;
    return character ? token : token + " ";
  }

  /** Returns the text as a file. */
  PictureFile file(String name) {
    List<Piece> pieces = pieces();
    int lines = pieces.isEmpty() ? 1 : pieces.get(pieces.size() - 1).line() + 1;
    return new PictureFile(
        name,
        2 * MARGIN + COLUMNS * LETTER,
        2 * MARGIN + lines * LINE,
        (ground, style) -> paint(pieces, ground, style));
  }

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    int column = 0;
    int line = 0;
    for (int t = 0; t < tokens.size(); t++) {
      String text = inLine(tokens.get(t));
      int letters = text.codePointCount(0, text.length());
      if (column > 0 && column + letters > COLUMNS + 1) {
        column = 0;
        line++;
      }
      pieces.add(new Piece(column, line, t, text.replace("\n", "")));
      column += letters;
      if (text.endsWith("\n")) {
        column = 0;
        line++;
      }
    }
    return pieces;
  }

  private void paint(List<Piece> pieces, Graphics2D ground, ChartStyle style) {
    ground.setFont(TEXT);
    for (Piece piece : pieces) {
      int x = MARGIN + piece.column() * LETTER;
      int y = MARGIN + piece.line() * LINE;
      int letters = piece.text().codePointCount(0, piece.text().length());
      ground.setColor(Shade.of(values[piece.token()], limit));
      ground.fillRect(x, y, letters * LETTER, LINE - 2);
      ground.setColor(style.ink());
      ground.drawString(piece.text(), x, y + 15);
    }
  }
}
