// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.train.EpochMetrics;

/**
 * Writes a {@link Report} as one file of HTML that needs nothing else: pictures and style are
 * inside, scripts there are none.
 */
public final class ReportPage {
  private static final String STYLE = "report.css";

  /** The most rows of a table of results: browsers become slow before anybody has read so many. */
  private static final int MOST_ROWS = 1000;

  private final Report report;
  private final StringBuilder html = new StringBuilder();

  private ReportPage(Report report) {
    this.report = report;
  }

  /** Returns the whole file. */
  public static byte[] of(Report report) {
    return new ReportPage(report).page().getBytes(StandardCharsets.UTF_8);
  }

  private String page() {
    head();
    figures();
    if (report.epochs().size() > 1) {
      scoreChart();
      lossChart();
    }
    samples();
    report.tables().forEach(this::results);
    epochs();
    rateChart();
    times();
    table("Configuration", "facts pairs", report.configuration());
    table("Provenance", "facts", report.provenance());
    add("<section><h2>Train it again</h2>");
    add("<pre class=\"command\"><code>" + text(report.command()) + "</code></pre></section>");
    add("</main></body></html>");
    return html.toString();
  }

  private void add(String line) {
    html.append(line).append('\n');
  }

  private void head() {
    add("<!DOCTYPE html>");
    add("<html lang=\"en\"><head><meta charset=\"utf-8\">");
    add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    add("<meta name=\"color-scheme\" content=\"light dark\">");
    add("<title>" + text(report.title()) + "</title>");
    add("<style>\n" + style() + "</style></head><body><main>");
    add("<header><p class=\"kicker\">Training report</p>");
    add("<h1>" + text(report.title()) + "</h1>");
    add("<p class=\"summary\">" + text(report.summary()) + "</p></header>");
  }

  private static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The style of the report is not in the program's jar.", e);
    }
  }

  private void figures() {
    add("<dl class=\"figures\">");
    for (Report.Figure figure : report.figures()) {
      add(
          "<div><dt>%s</dt><dd>%s</dd></div>"
              .formatted(text(figure.meaning()), text(figure.value())));
    }
    add("</dl>");
  }

  /** Draws what the best epoch is chosen by, where that is not the loss. */
  private void scoreChart() {
    Measure measure = report.measure();
    if (measure.followsLoss() || report.epochs().get(0).valid() == null) {
      return;
    }
    String name = measure.words();
    chart(
        name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
        "%s of the validation data by epoch. Epoch %d is best: %s."
            .formatted(name, report.bestEpoch(), measure.text(best())),
        new EpochChart(
            name,
            List.of(line("validation", ChartStyle::validation, measure::value)),
            report.bestEpoch()));
  }

  private void lossChart() {
    EpochChart.Line train = line("training", ChartStyle::training, e -> e.train().mean());
    EpochChart.Line valid =
        line(
            "validation",
            ChartStyle::validation,
            e -> e.valid() == null ? Double.NaN : e.valid().mean());
    boolean validated = report.epochs().get(0).valid() != null;
    chart(
        "Loss",
        "%s by epoch, in %s. Epoch %d is best: %s."
            .formatted(
                validated ? "Training and validation loss" : "Training loss",
                report.measure().lossUnit(),
                report.bestEpoch(),
                Figures.loss(best().watched().mean())),
        new EpochChart(
            report.measure().lossUnit(),
            validated ? List.of(train, valid) : List.of(train),
            report.bestEpoch()));
  }

  private EpochMetrics best() {
    return report.epochs().get(report.bestEpoch() - 1);
  }

  private void rateChart() {
    boolean constant =
        report.epochs().stream().mapToDouble(EpochMetrics::lr).distinct().count() < 2;
    if (constant) {
      return;
    }
    chart(
        "Learning rate",
        "Learning rate at the end of each epoch.",
        new EpochChart(
            "rate at the end of the epoch",
            List.of(line("learning rate", ChartStyle::rate, EpochMetrics::lr)),
            0));
  }

  private EpochChart.Line line(
      String name, Function<ChartStyle, Color> color, ToDoubleFunction<EpochMetrics> value) {
    return new EpochChart.Line(name, color, report.epochs().stream().mapToDouble(value).toArray());
  }

  private void chart(String heading, String description, EpochChart chart) {
    add("<section><h2>" + heading + "</h2><figure>");
    add(Picture.html(description, chart::draw));
    add("</figure></section>");
  }

  private void samples() {
    if (report.samples().isEmpty()) {
      return;
    }
    add("<section><h2>What it writes</h2>");
    for (Report.Sample sample : report.samples()) {
      add(
          "<figure class=\"sample\"><blockquote dir=\"auto\">%s</blockquote>"
              .formatted(text(sample.text())));
      add("<figcaption>" + text(sample.caption()) + "</figcaption></figure>");
    }
    add("</section>");
  }

  private void results(Report.Table table) {
    int rows = table.rows().size();
    numbers(table.heading(), table.columns(), table.rows().stream().limit(MOST_ROWS).toList(), 0);
    if (rows > MOST_ROWS) {
      add(
          "<p class=\"note\">These are the first %s of %s rows; <code>evaluate</code> prints all.</p>"
              .formatted(Figures.count(MOST_ROWS), Figures.count(rows)));
    }
    add("</section>");
  }

  /**
   * Begins a section with a table, in a box that scrolls, also with the keyboard. Its rows begin
   * with their names.
   *
   * @param marked the row that is the best, from 1; 0 for none
   */
  private void numbers(String heading, List<String> columns, List<List<String>> rows, int marked) {
    add("<section><h2>" + text(heading) + "</h2>");
    add(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
            .formatted(text(heading)));
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

  private void name(String scope, String text) {
    add("<th scope=\"%s\" dir=\"auto\"><span>%s</span></th>".formatted(scope, text(text)));
  }

  private void table(String heading, String style, Map<String, String> rows) {
    add("<section><h2>" + text(heading) + "</h2><table class=\"" + style + "\"><tbody>");
    rows.forEach(
        (name, value) ->
            add("<tr><th scope=\"row\">" + text(name) + "</th><td>" + text(value) + "</td></tr>"));
    add("</tbody></table></section>");
  }

  /** Adds the times of the last epoch: in the first, the virtual machine compiles. */
  private void times() {
    EpochMetrics last = report.epochs().get(report.epochs().size() - 1);
    String heading = "Where a round's time went";
    table(heading + ", epoch " + last.epoch(), "facts pairs", RoundFigures.table(last.times()));
  }

  private void epochs() {
    List<String> columns =
        List.of(
            "epoch",
            "loss, training",
            "loss, validation",
            report.measure().words(),
            "learning rate",
            "gradient norm",
            report.measure().counted() + "/s",
            "time, m:ss");
    numbers(
        "Epochs", columns, report.epochs().stream().map(this::epoch).toList(), report.bestEpoch());
    add("</section>");
  }

  private List<String> epoch(EpochMetrics epoch) {
    return List.of(
        Integer.toString(epoch.epoch()),
        Figures.loss(epoch.train().mean()),
        epoch.valid() == null ? "–" : Figures.loss(epoch.valid().mean()),
        report.measure().text(epoch),
        Figures.significant(epoch.lr()),
        Figures.significant(epoch.gradientNorm()),
        Figures.rate(epoch.tokensPerSecond()),
        Figures.duration(epoch.seconds()));
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
