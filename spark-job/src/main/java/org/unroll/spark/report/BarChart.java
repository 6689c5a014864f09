// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;

/**
 * A chart of a figure by length of source, as bars of several models side by side. What the colours
 * mean stands elsewhere on the page.
 *
 * @param figure by the name that JSON has for it
 * @param models one or more
 */
record BarChart(String figure, List<Bars> models) {
  /** The largest share of the space of a length that its bars fill; less where there are few. */
  private static final double FILLED = 0.7;

  private static final double FILLED_BY_EACH = 0.16;

  /** The pixels of the chart that the name of a length needs beside those of others. */
  private static final int NAME_WIDTH = 60;

  /**
   * The bars of a model.
   *
   * @param name by which others know it; empty where there is one model
   * @param color which one of those for models, from 0
   */
  record Bars(String name, int color, ByLength lengths) {
    /** Returns a figure for each length; null where there is none. */
    private List<Double> values(String figure, List<String> all) {
      return all.stream().map(bin -> lengths.value(bin, figure)).collect(Collectors.toList());
    }
  }

  /** Returns the lengths that any of some models has, the shortest first. */
  static List<String> lengths(List<Bars> models) {
    return models.stream()
        .flatMap(model -> model.lengths().bins().stream())
        .sorted(Comparator.comparing(ByLength.Bin::from))
        .map(ByLength.Bin::name)
        .distinct()
        .toList();
  }

  /** Returns what the chart shows, for those who cannot see it. */
  String description() {
    return models.stream()
        .map(
            model ->
                "%s by length of source%s: %s."
                    .formatted(
                        Figures.name(figure),
                        model.name().isEmpty() ? "" : ", " + model.name(),
                        words(model.lengths())))
        .collect(Collectors.joining(" "));
  }

  private String words(ByLength lengths) {
    return lengths.bins().stream()
        .map(bin -> bin.name() + " steps " + lengths.figure(bin.name(), figure))
        .collect(Collectors.joining(", "));
  }

  /** Draws the chart, for a {@link Picture}. */
  CategoryChart draw(ChartStyle style, int width, int height) {
    List<String> lengths = lengths(models);
    CategoryChart chart = new CategoryChart(width, height);
    chart.setXAxisTitle("steps read");
    chart.setYAxisTitle(Figures.name(figure));
    style.apply(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(top(lengths)).setYAxisDecimalPattern("0.##");
    chart
        .getStyler()
        .setAvailableSpaceFill(Math.min(FILLED, FILLED_BY_EACH * lengths.size()))
        .setLegendVisible(false);
    if (lengths.size() * NAME_WIDTH > width) {
      chart.getStyler().setXAxisLabelRotation(45);
    }
    for (Bars model : models) {
      String name = Integer.toString(model.color());
      CategorySeries series = chart.addSeries(name, lengths, model.values(figure, lengths));
      series.setFillColor(style.models().get(model.color()));
    }
    return chart;
  }

  /** Returns where the axis ends: at a round number that no bar exceeds. */
  private double top(List<String> lengths) {
    double most =
        models.stream()
            .flatMap(model -> model.values(figure, lengths).stream())
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .filter(value -> value > 0)
            .max()
            .orElse(1);
    double step = Math.pow(10, Math.floor(Math.log10(most))) / 2;
    return step * Math.ceil(most / step);
  }
}
