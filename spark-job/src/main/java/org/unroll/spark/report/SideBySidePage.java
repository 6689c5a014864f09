// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes a {@link SideBySide} as an {@link HtmlPage}: a model has one colour in all pictures. */
public final class SideBySidePage {
  private final SideBySide content;
  private final List<SideBySide.Trained> models;
  private final HtmlPage page;

  private SideBySidePage(SideBySide content) {
    this.content = content;
    models = content.models();
    boolean one = models.size() == 1;
    String kind = content.task().equals("lm") ? "language model" : content.task() + " model";
    page =
        new HtmlPage(
            one ? "Training report" : "Side by side",
            one
                ? "The %s %s".formatted(kind, models.get(0).name())
                : "%s %ss".formatted(models.size(), kind),
            models.stream().map(SideBySide.Trained::folder).collect(Collectors.joining(", ")));
  }

  /** Returns the page. */
  public static Page of(SideBySide content) {
    return new SideBySidePage(content).page();
  }

  private Page page() {
    content.notes().forEach(page::note);
    table(content.figureTable());
    if (!content.measure().followsLoss()) {
      scores();
    }
    losses();
    if (!content.lengths().isEmpty()) {
      lengths();
    }
    options();
    epochs();
    return page.end();
  }

  /** Says which model has which colour, where there are several. */
  private void key() {
    if (models.size() > 1) {
      page.key(names());
    }
  }

  private List<String> names() {
    return models.stream().map(SideBySide.Trained::name).toList();
  }

  private void table(Report.Table table) {
    page.open(table.heading());
    page.numbers(table.heading(), table.columns(), table.rows(), 0);
    page.close();
  }

  private void options() {
    Report.Table table = content.optionTable();
    if (table.rows().isEmpty()) {
      page.open(table.heading());
      page.note("None: the options and the data are the same.");
      page.close();
    } else {
      table(table);
    }
  }

  /** Draws what the best epoch of each model is chosen by. */
  private void scores() {
    String name = content.measure().words();
    List<EpochChart.Line> lines = lines(MetricsLog.Epoch::figure, false);
    chart(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1), name, lines, "");
  }

  private void losses() {
    boolean validated = models.stream().allMatch(SideBySide.Trained::validated);
    List<EpochChart.Line> lines = new ArrayList<>();
    if (validated) {
      lines.addAll(lines(MetricsLog.Epoch::train, true));
    }
    lines.addAll(lines(validated ? MetricsLog.Epoch::valid : MetricsLog.Epoch::train, false));
    chart(
        "Loss",
        content.measure().lossUnit(),
        lines,
        validated
            ? "Of the validation data; the thin dashed line of the same colour is the training's."
            : "Of the training data, since not every model has validation data.");
  }

  private List<EpochChart.Line> lines(ToDoubleFunction<MetricsLog.Epoch> value, boolean dashed) {
    return IntStream.range(0, models.size())
        .mapToObj(
            i ->
                new EpochChart.Line(
                    models.get(i).name() + (dashed ? ", training" : ""),
                    color(i),
                    models.get(i).epochs().stream().mapToDouble(value).toArray(),
                    dashed))
        .toList();
  }

  private static Function<ChartStyle, Color> color(int model) {
    return style -> style.models().get(model);
  }

  private void chart(String heading, String unit, List<EpochChart.Line> lines, String note) {
    boolean course = models.stream().anyMatch(model -> model.epochs().size() > 1);
    boolean told =
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values()))
            .anyMatch(Double::isFinite);
    if (!course || !told) {
      return;
    }
    page.open(heading);
    EpochChart chart = new EpochChart("epoch", unit, lines, 0, false);
    page.picture(
        "%s by epoch of %s; the table of epochs has the numbers."
            .formatted(heading, String.join(", ", names())),
        chart::draw);
    key();
    if (!note.isEmpty()) {
      page.note(note);
    }
    page.close();
  }

  private void lengths() {
    List<BarChart.Bars> all = content.lengths();
    Report.Table table = content.lengthTable();
    page.open(table.heading());
    BarChart chart = new BarChart(all.get(0).lengths().figures().get(0), all);
    page.picture(chart.description(), chart::draw);
    key();
    page.numbers(table.heading(), table.columns(), table.rows(), 0);
    page.close();
  }

  private void epochs() {
    List<String> columns = new ArrayList<>(List.of("epoch"));
    for (SideBySide.Trained model : models) {
      columns.add((model.validated() ? "validation loss, " : "training loss, ") + model.name());
    }
    int last = models.stream().mapToInt(model -> model.epochs().size()).max().orElse(0);
    List<List<String>> rows = new ArrayList<>();
    for (int e = 0; e < last; e++) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(e + 1)));
      for (SideBySide.Trained model : models) {
        row.add(e < model.epochs().size() ? loss(model, model.epochs().get(e)) : "–");
      }
      rows.add(row);
    }
    table(new Report.Table("Epochs", columns, rows));
  }

  private static String loss(SideBySide.Trained model, MetricsLog.Epoch epoch) {
    double loss = model.validated() ? epoch.valid() : epoch.train();
    return Double.isNaN(loss) ? "–" : Figures.loss(loss);
  }
}
