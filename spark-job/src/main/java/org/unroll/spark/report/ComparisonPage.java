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

/** Writes a {@link Comparison} as an {@link HtmlPage}: a model has one colour in all pictures. */
public final class ComparisonPage {
  private final Comparison comparison;
  private final List<Comparison.Trained> models;
  private final HtmlPage page;

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
    models = comparison.models();
    boolean one = models.size() == 1;
    String kind = comparison.task().equals("lm") ? "language model" : comparison.task() + " model";
    page =
        new HtmlPage(
            one ? "Training report" : "Comparison",
            one
                ? "The %s %s".formatted(kind, models.get(0).name())
                : "%s %ss, side by side".formatted(models.size(), kind),
            models.stream().map(Comparison.Trained::folder).collect(Collectors.joining(", ")));
  }

  /** Returns the whole file. */
  public static byte[] of(Comparison comparison) {
    return new ComparisonPage(comparison).page();
  }

  private byte[] page() {
    comparison.notes().forEach(page::note);
    table(comparison.figureTable());
    if (!comparison.measure().followsLoss()) {
      scores();
    }
    losses();
    if (!comparison.lengths().isEmpty()) {
      lengths();
    }
    options();
    epochs();
    return page.end();
  }

  private void table(Report.Table table) {
    page.open(table.heading());
    page.numbers(table.heading(), table.columns(), table.rows(), 0);
    page.close();
  }

  private void options() {
    Report.Table table = comparison.optionTable();
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
    String name = comparison.measure().words();
    List<EpochChart.Line> lines = lines(MetricsLog.Epoch::figure, false);
    chart(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1), name, lines, "");
  }

  private void losses() {
    boolean validated =
        models.stream()
            .allMatch(model -> model.epochs().stream().noneMatch(e -> Double.isNaN(e.valid())));
    List<EpochChart.Line> lines = new ArrayList<>();
    if (validated) {
      lines.addAll(lines(MetricsLog.Epoch::train, true));
    }
    lines.addAll(lines(validated ? MetricsLog.Epoch::valid : MetricsLog.Epoch::train, false));
    chart(
        "Loss",
        comparison.measure().lossUnit(),
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
    EpochChart chart = new EpochChart(unit, lines, 0);
    page.picture(
        "%s by epoch of %s; the table of epochs has the numbers."
            .formatted(
                heading,
                models.stream().map(Comparison.Trained::name).collect(Collectors.joining(", "))),
        chart::draw);
    if (!note.isEmpty()) {
      page.note(note);
    }
    page.close();
  }

  private void lengths() {
    List<BarChart.Bars> all = comparison.lengths();
    Report.Table table = comparison.lengthTable();
    page.open(table.heading());
    BarChart chart = BarChart.byLength(all.get(0).lengths().figures().get(0), all);
    page.picture(chart.description(), chart::draw);
    page.numbers(table.heading(), table.columns(), table.rows(), 0);
    page.close();
  }

  private void epochs() {
    List<String> columns = new ArrayList<>(List.of("epoch"));
    models.forEach(model -> columns.add("loss, " + model.name()));
    int last = models.stream().mapToInt(model -> model.epochs().size()).max().orElse(0);
    List<List<String>> rows = new ArrayList<>();
    for (int e = 0; e < last; e++) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(e + 1)));
      for (Comparison.Trained model : models) {
        boolean there = e < model.epochs().size();
        double loss = there ? model.epochs().get(e).watched() : Double.NaN;
        row.add(Double.isNaN(loss) ? "–" : Figures.loss(loss));
      }
      rows.add(row);
    }
    table(new Report.Table("Epochs", columns, rows));
  }
}
