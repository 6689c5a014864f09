// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.unroll.rnn.network.CalibrationMetric;

/**
 * How sure a model is of its answers, and how often it is right when it is so sure.
 *
 * @param bins by the probability that it gives its answers
 * @param error the expected calibration error
 * @param of the data, in words
 */
public record Calibration(List<CalibrationMetric.Bin> bins, double error, String of) {
  /** What nothing is told of. */
  public static final Calibration NONE = new Calibration(List.of(), Double.NaN, "");

  private static final double[] BOTH_ENDS = {0, 1};

  /** Reads the sums of a metric. */
  public static Calibration of(CalibrationMetric metric, double[] sums) {
    return new Calibration(
        metric.bins(sums), metric.figures(sums).get(CalibrationMetric.ERROR), "");
  }

  /** Returns the same, named after the data. */
  Calibration named(String data) {
    return new Calibration(bins, error, data);
  }

  /** Adds chart and numbers as a section to a page, if there are any. */
  void addTo(HtmlPage page) {
    if (bins.isEmpty()) {
      return;
    }
    String heading = of.isEmpty() ? "Calibration" : "Calibration, " + of;
    page.open(heading);
    page.picture(
        "Share of answers that are right by how sure the model is; the table has the numbers.",
        this::draw);
    page.note(
        ("Where the model is as often right as it is sure, points lie on the dashed line; below it the"
                + " model is too sure. The expected calibration error, the mean distance over all"
                + " answers, is %s.")
            .formatted(Figures.fine(error)));
    page.numbers(
        heading,
        List.of("probability", "answers", "mean probability", "right"),
        bins.stream()
            .map(
                bin ->
                    List.of(
                        "%s to %s".formatted(Figures.ratio(bin.from()), Figures.ratio(bin.to())),
                        Figures.count(bin.count()),
                        Figures.share(bin.confidence()),
                        Figures.share(bin.accuracy())))
            .toList(),
        0);
    page.close();
  }

  private XYChart draw(ChartStyle style, int width, int height) {
    XYChart chart = new XYChart(width, height);
    chart.setXAxisTitle("probability that the model gives its answer");
    chart.setYAxisTitle("share that is right");
    style.apply(chart.getStyler());
    chart.getStyler().setXAxisDecimalPattern("0.0").setYAxisDecimalPattern("0.0");
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.02);
    XYSeries ideal = chart.addSeries("as sure as right", BOTH_ENDS, BOTH_ENDS);
    ideal.setMarker(SeriesMarkers.NONE).setLineColor(style.soft()).setLineStyle(style.dashes());
    XYSeries model =
        chart.addSeries(
            "this model",
            column(CalibrationMetric.Bin::confidence),
            column(CalibrationMetric.Bin::accuracy));
    model.setLineColor(style.validation()).setLineStyle(style.line());
    model.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(style.validation());
    return chart;
  }

  private double[] column(ToDoubleFunction<CalibrationMetric.Bin> value) {
    return bins.stream().mapToDouble(value).toArray();
  }
}
