// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
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
 * @param models of models that are compared, each told from all others
 */
record ChartStyle(
    Color ink,
    Color soft,
    Color grid,
    Color training,
    Color validation,
    Color rate,
    List<Color> models) {
  static final ChartStyle LIGHT =
      of(
          colors(0x1d2126, 0x5b646e, 0xe3e0d8, 0xb0762a, 0x1f6f8b, 0x6a5aa0),
          colors(0x1f6f8b, 0xc77d1e, 0x6a5aa0, 0x5b8a3c, 0xb3423a, 0x274b8f, 0x8a6552, 0x7c838b));
  static final ChartStyle DARK =
      of(
          colors(0xe7e5e0, 0xa0a8b0, 0x31373d, 0xe0a458, 0x62b6cb, 0xa99be0),
          colors(0x62b6cb, 0xe8a84f, 0xb3a4ec, 0x93c572, 0xe5857f, 0x7f9fe8, 0xc9a58f, 0xb9c0c7));

  private static final Color CLEAR = new Color(0, 0, 0, 0);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private static List<Color> colors(int... rgb) {
    return IntStream.of(rgb).mapToObj(Color::new).toList();
  }

  private static ChartStyle of(List<Color> c, List<Color> models) {
    return new ChartStyle(c.get(0), c.get(1), c.get(2), c.get(3), c.get(4), c.get(5), models);
  }

  /** Returns a line that stands back behind another one of its colour. */
  BasicStroke dashes() {
    return new BasicStroke(
        1.25f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {4, 4}, 0);
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
