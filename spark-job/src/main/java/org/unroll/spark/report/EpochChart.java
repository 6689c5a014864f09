// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A chart of figures by epoch, or by another number that counts from 1, as lines.
 *
 * @param axis what the numbers count
 * @param unit of the vertical axis
 * @param lines from the first drawn to the last, which lies above the others
 * @param best the epoch to mark, on the last line; 0 for none
 * @param legend whether the names of the lines stand below them
 */
record EpochChart(String axis, String unit, List<Line> lines, int best, boolean legend) {
  /** The most points that have a dot each. */
  private static final int MOST_DOTS = 40;

  /** The most epochs that have their numbers below the axis; of more, only round ones do. */
  private static final int MOST_NUMBERS = 12;

  /** The share of the lines' height that stays free above and below them. */
  private static final double MARGIN = 0.03;

  /** Makes a chart that has a legend where there is more than one line to tell of. */
  EpochChart(String unit, List<Line> lines, int best) {
    this("epoch", unit, lines, best, lines.size() > 1 || best > 0);
  }

  /**
   * One line. Its points are at the epochs 1, 2, 3, ...
   *
   * @param name as the legend has it
   * @param values in order; not finite where there is none
   * @param dashed whether it stands back: it is thin and has no dots
   */
  record Line(String name, Function<ChartStyle, Color> color, double[] values, boolean dashed) {
    /** Makes a line that carries data. */
    Line(String name, Function<ChartStyle, Color> color, double[] values) {
      this(name, color, values, false);
    }
  }

  /** Draws the chart, for a {@link Picture}. */
  XYChart draw(ChartStyle style, int width, int height) {
    XYChart chart = new XYChart(width, height);
    chart.setXAxisTitle(axis);
    chart.setYAxisTitle(unit);
    style.apply(chart.getStyler());
    axes(chart.getStyler());
    lines.forEach(line -> draw(line, chart, style));
    if (best > 0) {
      mark(chart, style);
    }
    return chart;
  }

  private void axes(XYStyler styler) {
    int last = longest();
    styler.setXAxisDecimalPattern("0").setYAxisDecimalPattern("0.########");
    // XChart counts from the first of equally spaced values; beside half an epoch, none are.
    double room = last > MOST_NUMBERS ? 0.5 : 0;
    styler.setXAxisMin(1 - room).setXAxisMax(Math.max(2.0, last + room));
    styler.setLegendVisible(legend);
    DoubleSummaryStatistics all =
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values()))
            .filter(Double::isFinite)
            .summaryStatistics();
    if (all.getMax() > all.getMin()) { // for the same reason: two values are equally spaced
      double margin = MARGIN * (all.getMax() - all.getMin());
      styler.setYAxisMin(all.getMin() - margin).setYAxisMax(all.getMax() + margin);
    }
  }

  private void draw(Line line, XYChart chart, ChartStyle style) {
    Color color = line.color().apply(style);
    boolean marked = best > 0 && line == last();
    String name = marked ? line.name() + ", best in epoch " + best : line.name();
    XYSeries series = chart.addSeries(name, epochs(line.values().length), finite(line.values()));
    series.setLineColor(color).setLineStyle(line.dashed() ? style.dashes() : style.line());
    series.setMarkerColor(color);
    boolean dots = !line.dashed() && longest() <= MOST_DOTS;
    series.setMarker(dots ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  private void mark(XYChart chart, ChartStyle style) {
    chart.addAnnotation(new AnnotationLine(best, true, false));
    double[] value = {last().values()[best - 1]};
    XYSeries point = chart.addSeries("best", new double[] {best}, finite(value));
    point.setLineStyle(SeriesLines.NONE).setShowInLegend(false);
    point.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(style.ink());
  }

  private Line last() {
    return lines.get(lines.size() - 1);
  }

  private int longest() {
    return lines.stream().mapToInt(line -> line.values().length).max().orElse(0);
  }

  private static double[] epochs(int last) {
    return IntStream.rangeClosed(1, last).asDoubleStream().toArray();
  }

  /**
   * Makes NaN of an infinite loss: a chart leaves a gap for the one and has no place for the other.
   */
  private static double[] finite(double[] values) {
    return Arrays.stream(values).map(v -> Double.isFinite(v) ? v : Double.NaN).toArray();
  }
}
