// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.unroll.spark.report.HtmlPage.text;

import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.train.EpochMetrics;

/** Writes a {@link Report} as an {@link HtmlPage}. */
public final class ReportPage {
  private final Report report;
  private final HtmlPage page;

  private ReportPage(Report report) {
    this.report = report;
    page =
        report.running()
            ? LivePage.begin(report.title(), report.summary())
            : new HtmlPage("Training report", report.title(), report.summary());
  }

  /** Returns the page. */
  public static Page of(Report report) {
    return new ReportPage(report).page();
  }

  private Page page() {
    page.figures(report.figures());
    if (report.epochs().size() > 1) {
      scoreChart();
      lossChart();
    }
    samples();
    page.examples("Examples of what it answers", report.examples());
    report.findings().addTo(page);
    epochs();
    rateChart();
    times();
    page.facts("Configuration", "facts pairs", report.configuration());
    page.facts("Provenance", "facts", report.provenance());
    page.open("Train it again");
    page.add("<pre class=\"command\"><code>" + text(report.command()) + "</code></pre>");
    page.close();
    return page.end();
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
    page.open(heading);
    page.picture(description, chart::draw);
    page.close();
  }

  private void samples() {
    if (report.samples().isEmpty()) {
      return;
    }
    page.open("What it writes");
    for (Report.Sample sample : report.samples()) {
      page.add(
          "<figure class=\"sample\"><blockquote dir=\"auto\">%s</blockquote>"
              .formatted(text(sample.text())));
      page.add("<figcaption>" + text(sample.caption()) + "</figcaption></figure>");
    }
    page.close();
  }

  /** Adds the times of the last epoch: in the first, the virtual machine compiles. */
  private void times() {
    EpochMetrics last = report.epochs().get(report.epochs().size() - 1);
    String heading = "Where a round's time went";
    page.facts(
        heading + ", epoch " + last.epoch(), "facts pairs", RoundFigures.table(last.times()));
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
    page.open("Epochs");
    page.numbers(
        "Epochs", columns, report.epochs().stream().map(this::epoch).toList(), report.bestEpoch());
    page.close();
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
}
