// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ops;

import java.awt.Color;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.train.EpochMetrics;

/**
 * A {@link Report} as one file of HTML that needs nothing else: pictures and style are inside,
 * scripts there are none.
 */
public final class ReportPage {
  private static final String STYLE = "report.css";

  private final Report report;
  private final StringBuilder html = new StringBuilder();

  private ReportPage(Report report) {
    this.report = report;
  }

  /** The whole file. */
  public static byte[] of(Report report) {
    return new ReportPage(report).page().getBytes(StandardCharsets.UTF_8);
  }

  private String page() {
    head();
    figures();
    lossChart();
    samples();
    report.tables().forEach(this::results);
    rateChart();
    table("Configuration", "facts pairs", report.configuration());
    table("Provenance", "facts", report.provenance());
    epochs();
    times();
    add("<section><h2>Train it again</h2>");
    add("<pre class=\"command\"><code>" + Html.text(report.command()) + "</code></pre></section>");
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
    add("<title>" + Html.text(report.title()) + "</title>");
    add("<style>\n" + style() + "</style></head><body><main>");
    add("<header><p class=\"kicker\">Training report</p>");
    add("<h1>" + Html.text(report.title()) + "</h1>");
    add("<p class=\"summary\">" + Html.text(report.summary()) + "</p></header>");
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
          "<div><dt>"
              + Html.text(figure.meaning())
              + "</dt><dd>"
              + Html.text(figure.value())
              + "</dd></div>");
    }
    add("</dl>");
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
                Figures.loss(report.epochs().get(report.bestEpoch() - 1).watched().mean())),
        new EpochChart(
            report.measure().lossUnit(),
            validated ? List.of(train, valid) : List.of(train),
            report.bestEpoch()));
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
      add("<figure class=\"sample\"><blockquote>" + Html.text(sample.text()) + "</blockquote>");
      add("<figcaption>" + Html.text(sample.caption()) + "</figcaption></figure>");
    }
    add("</section>");
  }

  private void results(Report.Table table) {
    add("<section><h2>" + Html.text(table.heading()) + "</h2>");
    add("<div class=\"scroll\"><table class=\"numbers\"><thead><tr>");
    table.columns().forEach(name -> add("<th scope=\"col\">" + Html.text(name) + "</th>"));
    add("</tr></thead><tbody>");
    for (List<String> row : table.rows()) {
      add("<tr>");
      row.forEach(cell -> add("<td>" + Html.text(cell) + "</td>"));
      add("</tr>");
    }
    add("</tbody></table></div></section>");
  }

  private void table(String heading, String style, Map<String, String> rows) {
    add("<section><h2>" + Html.text(heading) + "</h2><table class=\"" + style + "\"><tbody>");
    rows.forEach(
        (name, value) ->
            add(
                "<tr><th scope=\"row\">"
                    + Html.text(name)
                    + "</th><td>"
                    + Html.text(value)
                    + "</td></tr>"));
    add("</tbody></table></section>");
  }

  /** Of the last epoch: in the first, the virtual machine compiles. */
  private void times() {
    EpochMetrics last = report.epochs().get(report.epochs().size() - 1);
    String heading = "Where a round's time went";
    table(heading + ", epoch " + last.epoch(), "facts pairs", RoundFigures.table(last.times()));
  }

  private void epochs() {
    add("<section><h2>Epochs</h2><div class=\"scroll\"><table class=\"numbers\"><thead><tr>");
    for (String column :
        List.of(
            "epoch",
            "training",
            "validation",
            report.measure().name() == null ? "" : report.measure().name(),
            "rate",
            "gradient",
            report.measure().counted() + "/s",
            "time")) {
      add("<th scope=\"col\">" + column + "</th>");
    }
    add("</tr></thead><tbody>");
    report.epochs().forEach(this::epoch);
    add("</tbody></table></div></section>");
  }

  private void epoch(EpochMetrics epoch) {
    boolean best = epoch.epoch() == report.bestEpoch();
    add(best ? "<tr class=\"best\">" : "<tr>");
    for (String cell :
        List.of(
            Integer.toString(epoch.epoch()),
            Figures.loss(epoch.train().mean()),
            epoch.valid() == null ? "–" : Figures.loss(epoch.valid().mean()),
            report.measure().text(epoch),
            Figures.significant(epoch.lr()),
            Figures.significant(epoch.gradientNorm()),
            Figures.rate(epoch.tokensPerSecond()),
            Figures.duration(epoch.seconds()))) {
      add("<td>" + cell + "</td>");
    }
    add("</tr>");
  }
}
