// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Values in rows and columns as {@link Shade}s: as a table of a page, as a strip of pixels with a
 * text under it, and as a file of its own.
 *
 * @param title what it shows, for those who cannot see it
 * @param rows their names; none where there are too many to be named
 * @param columns their names
 * @param values {@code [R, C]}
 * @param limit the value that has the full colour
 * @param texts {@code [R, C]}, what stands in the cells; empty where the colour says it all
 */
record HeatMap(
    String title,
    List<String> rows,
    List<String> columns,
    float[][] values,
    double limit,
    String[][] texts) {
  /** The pixels of a page that an unnamed row is high. */
  static final int THIN = 3;

  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final int CELL = 22;
  private static final int NARROW = 12;
  private static final int WIDE = 46;
  private static final int MARGIN = 12;

  /** About the width of a letter; fonts differ. */
  private static final int LETTER = 7;

  private static final int MOST_LETTERS = 30;

  /** The steps of a colour that neighbours may share a rectangle in. */
  private static final int LEVELS = 32;

  private static final String[][] NO_TEXTS = {};

  /** Makes a map whose cells have no texts. */
  HeatMap(String title, List<String> rows, List<String> columns, float[][] values, double limit) {
    this(title, rows, columns, values, limit, NO_TEXTS);
  }

  /** Returns whether column names are so short that they stand upright. */
  private boolean isBrief() {
    return columns.stream().allMatch(name -> name.codePointCount(0, name.length()) < 4);
  }

  /**
   * Adds the map to a page as a table: what stands beside it may be words of any script, for which
   * a browser has letters where Java may have none.
   */
  void addTo(HtmlPage page) {
    page.scroll(title);
    String look = (isBrief() ? " brief" : "") + (texts.length > 0 ? " counts" : "");
    page.add("<table class=\"heat%s\"><thead><tr><td></td>".formatted(look));
    columns.forEach(column -> page.name("col", column));
    page.add("</tr></thead><tbody>");
    for (int r = 0; r < values.length; r++) {
      page.add("<tr>");
      page.name("row", rows.get(r));
      StringBuilder cells = new StringBuilder();
      for (int c = 0; c < columns.size(); c++) {
        String color = Shade.css(values[r][c], limit);
        cells.append(
            texts.length > 0
                ? "<td style=\"background:%s\">%s</td>".formatted(color, HtmlPage.text(texts[r][c]))
                : "<td title=\"%s\"><i style=\"background:%s\"></i></td>"
                    .formatted(Figures.ratio(values[r][c]), color));
      }
      page.add(cells + "</tr>");
    }
    page.add("</tbody></table></div>");
  }

  /** Returns an image with a pixel for each value, which a page enlarges. */
  byte[] pixels() {
    return Picture.pixels(
        columns.size(),
        values.length,
        BufferedImage.TYPE_INT_ARGB,
        graphics -> {
          for (int r = 0; r < values.length; r++) {
            for (int c = 0; c < columns.size(); c++) {
              graphics.setColor(Shade.of(values[r][c], limit));
              graphics.fillRect(c, r, 1, 1);
            }
          }
        });
  }

  /** Returns the map as a file. */
  PictureFile file(String name) {
    int width = left() + columns.size() * cellWidth() + MARGIN;
    int height = top() + values.length * cellHeight() + MARGIN + (rows.isEmpty() ? CELL : 0);
    return new PictureFile(name, width, height, this::paint);
  }

  private int cellWidth() {
    return texts.length > 0 ? WIDE : rows.isEmpty() ? NARROW : CELL;
  }

  private int cellHeight() {
    return rows.isEmpty() ? THIN : CELL;
  }

  private static String cut(String name) {
    return name.length() > MOST_LETTERS ? name.substring(0, MOST_LETTERS - 1) + "…" : name;
  }

  private static int letters(List<String> names) {
    return names.stream().mapToInt(name -> cut(name).length()).max().orElse(0);
  }

  private int left() {
    return MARGIN + LETTER * letters(rows) + (rows.isEmpty() ? 0 : MARGIN / 2);
  }

  private int top() {
    return rows.isEmpty() ? MARGIN : MARGIN + (isBrief() ? CELL : LETTER * letters(columns) + 4);
  }

  private void paint(Graphics2D ground, ChartStyle style) {
    ground.setFont(TEXT);
    for (int r = 0; r < values.length; r++) {
      paint(ground, r);
    }
    ground.setColor(style.ink());
    for (int r = 0; r < rows.size(); r++) {
      String name = cut(rows.get(r));
      int width = ground.getFontMetrics().stringWidth(name);
      ground.drawString(name, left() - MARGIN / 2 - width, top() + r * CELL + 15);
    }
    for (int c = 0; c < columns.size(); c++) {
      name(ground, cut(columns.get(c)), left() + c * cellWidth() + cellWidth() / 2);
    }
    for (int r = 0; r < texts.length; r++) {
      for (int c = 0; c < columns.size(); c++) {
        centred(ground, texts[r][c], left() + c * WIDE + WIDE / 2, top() + r * CELL + 15);
      }
    }
  }

  /** Paints a row, neighbours of the same colour as one. */
  private void paint(Graphics2D ground, int row) {
    int y = top() + row * cellHeight();
    int from = 0;
    for (int c = 1; c <= columns.size(); c++) {
      if (c == columns.size() || level(row, c) != level(row, from)) {
        Color color = Shade.of(level(row, from), LEVELS);
        if (color.getAlpha() > 0) {
          ground.setColor(color);
          ground.fillRect(left() + from * cellWidth(), y, (c - from) * cellWidth(), cellHeight());
        }
        from = c;
      }
    }
  }

  private long level(int row, int column) {
    double value = values[row][column];
    return Math.round(LEVELS * Math.signum(value) * Shade.strength(value, limit));
  }

  /** Writes the name of a column, below a strip and above anything else. */
  private void name(Graphics2D ground, String name, int middle) {
    if (rows.isEmpty()) {
      centred(ground, name, middle, top() + values.length * THIN + 15);
    } else if (isBrief()) {
      centred(ground, name, middle, top() - 6);
    } else {
      AffineTransform upright = ground.getTransform();
      ground.translate(middle + 4, top() - 6);
      ground.rotate(-Math.PI / 2);
      ground.drawString(name, 0, 0);
      ground.setTransform(upright);
    }
  }

  private static void centred(Graphics2D ground, String text, int middle, int base) {
    ground.drawString(text, middle - ground.getFontMetrics().stringWidth(text) / 2, base);
  }
}
