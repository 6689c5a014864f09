// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A page is one file of HTML that needs nothing else: pictures and style are inside, scripts there
 * are none. It is put together from its head down to its end.
 */
final class HtmlPage {
  private static final String STYLE = "report.css";

  private final StringBuilder html = new StringBuilder();

  /**
   * Begins a page.
   *
   * @param kind of the page, in small letters above its title
   * @param summary a sentence or two
   */
  HtmlPage(String kind, String title, String summary) {
    add("<!DOCTYPE html>");
    add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
    add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    add("<meta name=\"color-scheme\" content=\"light dark\">");
    add("<title>" + text(title) + "</title>");
    add("<style>\n" + style() + "</style></head><body><main>");
    add("<header><p class=\"kicker\">" + text(kind) + "</p>");
    add("<h1>" + text(title) + "</h1>");
    add("<p class=\"summary\">" + text(summary) + "</p></header>");
  }

  private static String style() {
    try (InputStream in = HtmlPage.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The style of the report is not in the program's jar.", e);
    }
  }

  /** Ends the page and returns the whole file. */
  byte[] end() {
    add("</main></body></html>");
    return html.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Adds a line of HTML. */
  void add(String line) {
    html.append(line).append('\n');
  }

  /** Adds a line of text that says how to read what stands above it. */
  void note(String sentence) {
    add("<p class=\"note\">" + text(sentence) + "</p>");
  }

  /** Begins a section, which another {@link #close} ends. */
  void open(String heading) {
    add("<section><h2>" + text(heading) + "</h2>");
  }

  /** Ends a section. */
  void close() {
    add("</section>");
  }

  /**
   * Adds a picture.
   *
   * @param description what it shows, for those who cannot see it
   */
  void picture(String description, Picture.Drawing drawing) {
    add("<figure>");
    add(Picture.html(description, drawing));
    add("</figure>");
  }

  /** Adds the names of models that are compared, each with its colour in pictures. */
  void key(List<String> models) {
    add("<ul class=\"key\">");
    for (int i = 0; i < models.size(); i++) {
      add("<li dir=\"auto\"><i class=\"m%s\"></i>%s</li>".formatted(i, text(models.get(i))));
    }
    add("</ul>");
  }

  /**
   * Adds a table, in a box that scrolls, also with the keyboard. Its rows begin with their names.
   *
   * @param name of the box, for those who cannot see it
   * @param marked the row that is the best, from 1; 0 for none
   */
  void numbers(String name, List<String> columns, List<List<String>> rows, int marked) {
    scroll(name);
    add("<table class=\"numbers\"><thead><tr>");
    columns.forEach(column -> name("col", column));
    add("</tr></thead><tbody>");
    for (int i = 0; i < rows.size(); i++) {
      add(i + 1 == marked ? "<tr class=\"best\">" : "<tr>");
      name("row", rows.get(i).get(0));
      rows.get(i).stream().skip(1).forEach(cell -> add("<td>" + text(cell) + "</td>"));
      add("</tr>");
    }
    add("</tbody></table></div>");
  }

  /** Begins a box that scrolls, also with the keyboard; a closing {@code div} ends it. */
  void scroll(String name) {
    add(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
            .formatted(text(name)));
  }

  private void name(String scope, String text) {
    add("<th scope=\"%s\" dir=\"auto\"><span>%s</span></th>".formatted(scope, text(text)));
  }

  /** Adds a section with names and their values. */
  void facts(String heading, String style, Map<String, String> rows) {
    open(heading);
    add("<table class=\"" + style + "\"><tbody>");
    rows.forEach(
        (name, value) ->
            add("<tr><th scope=\"row\">" + text(name) + "</th><td>" + text(value) + "</td></tr>"));
    add("</tbody></table></section>");
  }

  /**
   * Adds a picture of weights between 0 and 1, the stronger its colour the larger. Unlike charts it
   * is a table of the page: what stands beside it may be words of any script, for which a browser
   * has letters where Java may have none.
   */
  void heat(Report.Attention attention) {
    boolean brief =
        attention.read().stream().allMatch(token -> token.codePointCount(0, token.length()) < 4);
    scroll("Attention: what was written, row by row, against what was read");
    add("<table class=\"heat%s\"><thead><tr><td></td>".formatted(brief ? " brief" : ""));
    attention.read().forEach(token -> name("col", token));
    add("</tr></thead><tbody>");
    for (int t = 0; t < attention.written().size(); t++) {
      add("<tr>");
      name("row", attention.written().get(t));
      StringBuilder cells = new StringBuilder();
      for (float weight : attention.weights()[t]) {
        String shown = Figures.ratio(weight);
        cells.append("<td title=\"%s\"><i style=\"opacity:%s\"></i></td>".formatted(shown, shown));
      }
      add(cells + "</tr>");
    }
    add("</tbody></table></div>");
  }

  /**
   * Returns a text with what HTML gives a meaning written out, and what has no picture replaced.
   */
  static String text(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cs}&&[^\n\t]]", "\uFFFD")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
