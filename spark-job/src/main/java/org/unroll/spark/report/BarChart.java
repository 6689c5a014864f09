// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;

/**
 * A chart of figures by length of source, as bars side by side.
 *
 * @param figure that is shown, for people
 * @param lengths below the bars, from the shortest on
 * @param bars one of a kind for each length
 */
record BarChart(String figure, List<String> lengths, List<Series> bars) {
  /** The largest share of the space of a length that its bars fill; less where there are few. */
  private static final double FILLED = 0.7;

  private static final double FILLED_BY_EACH = 0.16;

  /** The pixels of the chart that the name of a length needs beside those of others. */
  private static final int WIDTH = 60;

  /**
   * The bars of a model.
   *
   * @param name as the legend has it; empty where there is one model
   */
  record Bars(String name, ByLength lengths) {}

  /**
   * Bars of one colour.
   *
   * @param values of each length; NaN where there is none
   */
  private record Series(String name, double[] values) {}

  /** Returns the chart of a figure, with the lengths that any of the models has. */
  static BarChart byLength(String figure, List<Bars> models) {
    List<String> lengths = lengths(models);
    return new BarChart(
        Figures.name(figure),
        lengths,
        models.stream()
            .map(model -> new Series(model.name(), values(model.lengths(), figure, lengths)))
            .toList());
  }

  /** Returns the lengths that any of the models has, the shortest first. */
  static List<String> lengths(List<Bars> models) {
    return models.stream()
        .flatMap(model -> model.lengths().bins().stream())
        .sorted(Comparator.comparing(ByLength.Bin::from))
        .map(ByLength.Bin::name)
        .distinct()
        .toList();
  }

  private static double[] values(ByLength model, String figure, List<String> lengths) {
    double[] values = new double[lengths.size()];
    Arrays.fill(values, Double.NaN);
    for (ByLength.Bin bin : model.bins()) {
      values[lengths.indexOf(bin.name())] = bin.figures().getOrDefault(figure, Double.NaN);
    }
    return values;
  }

  /** Returns what the chart shows, for those who cannot see it. */
  String description() {
    return bars.stream()
        .map(
            some ->
                "%s by length of source%s: %s."
                    .formatted(
                        figure, some.name().isEmpty() ? "" : ", " + some.name(), words(some)))
        .collect(Collectors.joining(" "));
  }

  private String words(Series some) {
    return IntStream.range(0, lengths.size())
        .filter(i -> !Double.isNaN(some.values()[i]))
        .mapToObj(i -> lengths.get(i) + " steps " + Figures.fine(some.values()[i]))
        .collect(Collectors.joining(", "));
  }

  /** Returns where the axis ends: at a round number that no bar exceeds. */
  private double top() {
    double most =
        bars.stream()
            .flatMapToDouble(some -> Arrays.stream(some.values()))
            .filter(value -> value > 0)
            .max()
            .orElse(1);
    double step = Math.pow(10, Math.floor(Math.log10(most))) / 2;
    return step * Math.ceil(most / step);
  }

  /** Draws the chart, for a {@link Picture}. */
  CategoryChart draw(ChartStyle style, int width, int height) {
    CategoryChart chart = new CategoryChart(width, height);
    chart.setXAxisTitle("steps read");
    chart.setYAxisTitle(figure);
    style.apply(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(top()).setYAxisDecimalPattern("0.##");
    chart
        .getStyler()
        .setAvailableSpaceFill(Math.min(FILLED, FILLED_BY_EACH * lengths.size()))
        .setLegendVisible(bars.size() > 1);
    if (lengths.size() * WIDTH > width) {
      chart.getStyler().setXAxisLabelRotation(45);
    }
    for (int i = 0; i < bars.size(); i++) {
      Color color = bars.size() == 1 ? style.validation() : style.models().get(i);
      String name = bars.get(i).name().isEmpty() ? figure : bars.get(i).name();
      List<Double> values =
          Arrays.stream(bars.get(i).values())
              .mapToObj(value -> Double.isNaN(value) ? null : value)
              .collect(Collectors.toList());
      CategorySeries series = chart.addSeries(name, lengths, values);
      series.setFillColor(color);
    }
    return chart;
  }
}
