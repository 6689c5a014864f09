// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The look of charts on a light and on a dark page: the colours of {@code report.css}, thin lines.
 */
enum ChartStyle {
  LIGHT(0x1d2126, 0x5b646e, 0xe3e0d8, 0xb0762a, 0x1f6f8b, 0x6a5aa0),
  DARK(0xe7e5e0, 0xa0a8b0, 0x31373d, 0xe0a458, 0x62b6cb, 0xa99be0);

  private static final Color CLEAR = new Color(0, 0, 0, 0);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private final Color ink;
  private final Color soft;
  private final Color grid;
  private final Color training;
  private final Color validation;
  private final Color rate;

  ChartStyle(int ink, int soft, int grid, int training, int validation, int rate) {
    this.ink = new Color(ink);
    this.soft = new Color(soft);
    this.grid = new Color(grid);
    this.training = new Color(training);
    this.validation = new Color(validation);
    this.rate = new Color(rate);
  }

  /** Returns the colour of what has the viewer's attention. */
  Color ink() {
    return ink;
  }

  /** Returns the colour of what stands back. */
  Color soft() {
    return soft;
  }

  /** Returns the colour of training figures. */
  Color training() {
    return training;
  }

  /** Returns the colour of validation figures. */
  Color validation() {
    return validation;
  }

  /** Returns the colour of learning rates. */
  Color rate() {
    return rate;
  }

  /** Returns a line that carries data. */
  BasicStroke line() {
    return new BasicStroke(2.25f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  /** Returns a line that only joins. */
  BasicStroke thin() {
    return new BasicStroke(1);
  }

  /** Styles all that is common to charts with axes: no frame, no ground, a thin level grid. */
  void apply(AxesChartStyler styler) {
    styler.setLocale(Locale.ROOT);
    styler
        .setChartBackgroundColor(CLEAR)
        .setPlotBackgroundColor(CLEAR)
        .setPlotBorderVisible(false)
        .setChartPadding(4)
        .setChartTitleVisible(false)
        .setChartFontColor(soft)
        .setXAxisTitleColor(soft)
        .setYAxisTitleColor(soft)
        .setMarkerSize(6)
        .setAntiAlias(true);
    styler
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setLegendBackgroundColor(CLEAR)
        .setLegendBorderColor(CLEAR)
        .setLegendFont(TEXT)
        .setLegendSeriesLineLength(18)
        .setLegendPadding(10);
    styler
        .setAnnotationLineColor(soft)
        .setAnnotationLineStroke(
            new BasicStroke(
                1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {3, 4}, 0));
    styler
        .setAxisTitleFont(TEXT)
        .setAxisTickLabelsFont(TEXT)
        .setAxisTickLabelsColor(soft)
        .setAxisTicksLineVisible(false)
        .setAxisTicksMarksVisible(false)
        .setPlotGridVerticalLinesVisible(false)
        .setPlotGridLinesColor(grid)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setPlotMargin(0);
  }
}
