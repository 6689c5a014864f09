// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ops;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A line chart as SVG inside a page. It takes its colours from the page's style sheet, so that it
 * is light or dark with it, and needs neither fonts nor a display where it is drawn.
 *
 * @param label what the picture shows, for those who cannot see it
 * @param unit of the vertical axis
 * @param series the lines
 * @param marked a value of x to draw attention to, 0 for none
 * @param markedLabel what is there
 */
record LineChart(String label, String unit, List<Series> series, int marked, String markedLabel) {
  private static final int LEFT = 52;
  private static final int RIGHT = 14;
  private static final int TOP = 12;
  private static final int BOTTOM = 44;
  private static final int TICK_SPACE = 46;

  /** So many points still have a dot each. */
  private static final int MOST_DOTS = 40;

  /**
   * One line; its points are at x = 1, 2, 3, ...
   *
   * @param name as the legend has it
   * @param style class in the style sheet
   * @param values in order; NaN where there is none
   */
  record Series(String name, String style, double[] values) {}

  /** Draws it for a size in pixels. */
  String svg(String cssClass, int width, int height) {
    return new Drawing(this, width, height).svg(cssClass);
  }

  /** The unit and the names of the lines, to stand above the picture. */
  String legend() {
    StringBuilder legend = new StringBuilder("<p class=\"legend\">");
    legend.append("<span class=\"unit\">").append(Html.text(unit)).append("</span>");
    for (Series line : series) {
      legend.append("<b class=\"%s\">%s</b>".formatted(line.style(), Html.text(line.name())));
    }
    return legend.append("</p>").toString();
  }

  private int longest() {
    return series.stream().mapToInt(s -> s.values().length).max().orElse(1);
  }

  private double extreme(boolean highest) {
    var values =
        series.stream().flatMapToDouble(s -> Arrays.stream(s.values())).filter(Double::isFinite);
    return (highest ? values.max() : values.min()).orElse(0);
  }

  /** One size of a chart. */
  private static final class Drawing {
    private final LineChart chart;
    private final int width;
    private final int height;
    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder();

    Drawing(LineChart chart, int width, int height) {
      this.chart = chart;
      this.width = width;
      this.height = height;
      this.x = Axis.counting(1, chart.longest(), (width - LEFT - RIGHT) / TICK_SPACE);
      this.y =
          Axis.over(
              chart.extreme(false), chart.extreme(true), (height - TOP - BOTTOM) / TICK_SPACE);
    }

    String svg(String cssClass) {
      add(
          "<svg class=\"chart %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
          cssClass, width, height, Html.text(chart.label()));
      horizontalLines();
      verticalTicks();
      mark();
      chart.series().forEach(this::line);
      add("</svg>");
      return svg.toString();
    }

    private void add(String format, Object... values) {
      svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private double px(double value) {
      return LEFT + x.position(value) * (width - LEFT - RIGHT);
    }

    private double py(double value) {
      return height - BOTTOM - y.position(value) * (height - TOP - BOTTOM);
    }

    private void horizontalLines() {
      for (BigDecimal tick : y.ticks()) {
        double at = py(tick.doubleValue());
        add(
            "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
            LEFT, width - RIGHT, at, at);
        add(
            "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
            LEFT - 8, at + 4, tick.toPlainString());
      }
    }

    private void verticalTicks() {
      for (BigDecimal tick : x.ticks()) {
        add(
            "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            px(tick.doubleValue()), height - BOTTOM + 20, tick.toPlainString());
      }
      add(
          "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"end\">epoch</text>",
          width - RIGHT, height - 4);
    }

    private void mark() {
      if (chart.marked() > 0) {
        double at = px(chart.marked());
        boolean rightHalf = at > width / 2.0;
        add(
            "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
            at, at, TOP, height - BOTTOM);
        add(
            "<text class=\"marked\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
            at + (rightHalf ? -6 : 6),
            TOP + 12,
            rightHalf ? "end" : "start",
            Html.text(chart.markedLabel()));
      }
    }

    private void line(Series series) {
      StringBuilder path = new StringBuilder();
      StringBuilder dots = new StringBuilder();
      for (int i = 0; i < series.values().length; i++) {
        if (Double.isFinite(series.values()[i])) {
          String point = String.format(Locale.ROOT, "%.1f %.1f", px(i + 1), py(series.values()[i]));
          path.append(path.length() == 0 ? "M" : " L").append(point);
          dots.append(dot(series, i));
        }
      }
      add("<path class=\"%s\" d=\"%s\"/>", series.style(), path);
      if (series.values().length <= MOST_DOTS) {
        svg.append(dots);
      }
    }

    private String dot(Series series, int index) {
      double value = series.values()[index];
      return String.format(
          Locale.ROOT,
          "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>epoch %d: %s %s</title></circle>%n",
          series.style(),
          px(index + 1),
          py(value),
          index + 1,
          Html.text(series.name()),
          Figures.significant(value));
    }
  }
}
