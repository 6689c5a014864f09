// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * A page is one file of HTML that needs nothing else: pictures and style are inside, scripts there
 * are none. It is put together from its head down to its end.
 */
final class HtmlPage {
  private static final String STYLE = "report.css";

  /** The most rows of a table of results: browsers become slow before anybody has read so many. */
  private static final int MOST_ROWS = 1000;

  private final StringBuilder html = new StringBuilder();
  private final List<PictureFile> pictures = new ArrayList<>();

  /** The heading of the section at work, which its pictures are named by. */
  private String section = "";

  /** The heading of its part at work; empty before the first. */
  private String part = "";

  /**
   * Begins a page.
   *
   * @param kind of the page, in small letters above its title
   * @param summary a sentence or two
   */
  HtmlPage(String kind, String title, String summary) {
    this(kind, title, summary, 0);
  }

  /**
   * Begins a page.
   *
   * @param kind of the page, in small letters above its title
   * @param summary a sentence or two
   * @param refresh seconds after which a browser looks for a newer one; 0 for never
   */
  HtmlPage(String kind, String title, String summary, int refresh) {
    add("<!DOCTYPE html>");
    add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
    add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    add("<meta name=\"color-scheme\" content=\"light dark\">");
    if (refresh > 0) {
      add("<meta http-equiv=\"refresh\" content=\"%d\">".formatted(refresh));
    }
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

  /** Ends the page and returns it. */
  Page end() {
    add("</main></body></html>");
    return new Page(html.toString().getBytes(StandardCharsets.UTF_8), List.copyOf(pictures));
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
    section = heading;
    part = "";
    add("<section><h2>" + text(heading) + "</h2>");
  }

  /** Begins a part of a section. */
  void part(String heading) {
    part = heading;
    add("<h3>" + text(heading) + "</h3>");
  }

  /** Ends a section. */
  void close() {
    add("</section>");
  }

  /** Returns a name for the file of the next picture: its number and what it shows. */
  private String nameOfNext() {
    return "%02d-%s".formatted(pictures.size() + 1, PictureFile.name(section + " " + part));
  }

  /**
   * Adds a chart.
   *
   * @param description what it shows, for those who cannot see it
   */
  void picture(String description, Picture.Drawing drawing) {
    pictures.add(PictureFile.of(nameOfNext(), drawing));
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

  /** Adds numbers to remember, each with what it means. */
  void figures(List<Report.Figure> figures) {
    add("<dl class=\"figures\">");
    for (Report.Figure figure : figures) {
      add(
          "<div><dt>%s</dt><dd>%s</dd></div>"
              .formatted(text(figure.meaning()), text(figure.value())));
    }
    add("</dl>");
  }

  /** Adds a section with results in rows, of very many the first. */
  void results(Report.Table table) {
    int rows = table.rows().size();
    open(table.heading());
    numbers(table.heading(), table.columns(), table.rows().stream().limit(MOST_ROWS).toList(), 0);
    if (rows > MOST_ROWS) {
      add(
          "<p class=\"note\">These are the first %s of %s rows; <code>evaluate</code> prints all.</p>"
              .formatted(Figures.count(MOST_ROWS), Figures.count(rows)));
    }
    close();
  }

  /** Adds a section with examples of answers, if there are any. */
  void examples(String heading, List<Report.Example> examples) {
    if (examples.isEmpty()) {
      return;
    }
    open(heading);
    examples.forEach(this::example);
    if (examples.stream().anyMatch(example -> example.attention() != null)) {
      note(
          "The squares show attention: in the row of each token that was written, the stronger the"
              + " colour, the more the network looked at the token or the region of that column.");
    }
    close();
  }

  private void example(Report.Example example) {
    add("<figure class=\"example\">");
    if (!example.caption().isEmpty()) {
      add("<figcaption>" + text(example.caption()) + "</figcaption>");
    }
    add("<dl>");
    term("read", example.read());
    term(example.hit() ? "said \u2713" : "said", example.said());
    example.right().forEach(right -> term("right", right));
    add("</dl>");
    if (example.attention() != null) {
      heat(example.attention().map());
    }
    add("</figure>");
  }

  private void term(String name, String text) {
    add("<div><dt>%s</dt><dd dir=\"auto\">%s</dd></div>".formatted(name, text(text)));
  }

  /** Begins a box that scrolls, also with the keyboard; a closing {@code div} ends it. */
  void scroll(String name) {
    add(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
            .formatted(text(name)));
  }

  /** Adds the name of a row or a column of the table at work. */
  void name(String scope, String text) {
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

  /** Adds a heat map, which has names for its rows. */
  void heat(HeatMap map) {
    pictures.add(map.file(nameOfNext()));
    map.addTo(this);
  }

  /**
   * Adds a heat map of many rows as a strip, with the names of its columns under it.
   *
   * @param description what it shows, for those who cannot see it
   */
  void strip(String description, HeatMap map) {
    pictures.add(map.file(nameOfNext()));
    scroll(map.title());
    boolean words = map.columns().stream().anyMatch(t -> t.codePointCount(0, t.length()) > 1);
    add("<div class=\"strip%s\">".formatted(words ? " words" : ""));
    add(
        "<img alt=\"%s\" style=\"--steps:%d;height:%dpx\" src=\"%s\">"
            .formatted(
                text(description),
                map.columns().size(),
                HeatMap.THIN * map.values().length,
                Picture.uri(map.pixels())));
    StringBuilder under = new StringBuilder();
    map.columns().forEach(name -> under.append("<i>").append(text(name)).append("</i>"));
    add("<div aria-hidden=\"true\">" + under + "</div></div></div>");
  }

  /**
   * Adds a text in colours.
   *
   * @param told what is said of a token where a mouse rests on it; null for nothing
   */
  void shaded(ShadedText shaded, IntFunction<String> told) {
    pictures.add(shaded.file(nameOfNext()));
    shaded.addTo(this, told);
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
