// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import java.util.stream.IntStream;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The look of charts on a light or on a dark page: the colours of {@code report.css}, thin lines.
 *
 * @param ink of what has the viewer's attention
 * @param soft of what stands back
 * @param grid behind the lines
 * @param training of training figures
 * @param validation of validation figures
 * @param rate of learning rates
 */
record ChartStyle(Color ink, Color soft, Color grid, Color training, Color validation, Color rate) {
  static final ChartStyle LIGHT = of(0x1d2126, 0x5b646e, 0xe3e0d8, 0xb0762a, 0x1f6f8b, 0x6a5aa0);
  static final ChartStyle DARK = of(0xe7e5e0, 0xa0a8b0, 0x31373d, 0xe0a458, 0x62b6cb, 0xa99be0);

  private static final Color CLEAR = new Color(0, 0, 0, 0);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private static ChartStyle of(int... rgb) {
    Color[] c = IntStream.of(rgb).mapToObj(Color::new).toArray(Color[]::new);
    return new ChartStyle(c[0], c[1], c[2], c[3], c[4], c[5]);
  }

  /** Returns a line that carries data. */
  BasicStroke line() {
    return new BasicStroke(2.25f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
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
