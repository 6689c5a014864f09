// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.unroll.rnn.embed.WordVectors;

/**
 * Draws words as points of a plane, and lines between pairs of them: their vectors, brought to
 * length 1, on the two axes along which they differ most (PCA, by singular values). The first words
 * of the pairs have points of one colour, the second ones of another.
 */
public final class WordMap {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 640;

  /** The share of the axes' length that stays free at both ends for the words. */
  private static final double MARGIN = 0.1;

  /** The opacity of a line, of 255: words lie on top of it. */
  private static final int FAINT = 110;

  private final WordVectors vectors;
  private final Map<String, Integer> rows = new LinkedHashMap<>();
  private final List<String[]> lines = new ArrayList<>();

  /** Makes an empty map. */
  public WordMap(WordVectors vectors) {
    this.vectors = vectors;
  }

  /** Puts two words on the map, with a line between them. */
  public void connect(String a, String b) {
    rows.putIfAbsent(a, rows.size());
    rows.putIfAbsent(b, rows.size());
    lines.add(new String[] {a, b});
  }

  /**
   * Returns the points {@code [words, 2]}, in the order in which the words came. Of the two
   * directions that an axis can have, it has the one in which its largest share is positive.
   */
  double[][] points() {
    RealMatrix directions = new Array2DRowRealMatrix(rows.size(), vectors.size());
    rows.forEach((word, row) -> directions.setRow(row, direction(word)));
    for (int j = 0; j < vectors.size(); j++) {
      double[] column = directions.getColumn(j);
      double sum = 0;
      for (double x : column) {
        sum += x;
      }
      for (int i = 0; i < column.length; i++) {
        directions.setEntry(i, j, column[i] - sum / column.length);
      }
    }
    RealMatrix axes = new SingularValueDecomposition(directions).getV();
    double[][] points = new double[rows.size()][2];
    for (int axis = 0; axis < Math.min(2, axes.getColumnDimension()); axis++) {
      double[] along = directions.operate(signed(axes.getColumn(axis)));
      for (int i = 0; i < points.length; i++) {
        points[i][axis] = along[i];
      }
    }
    return points;
  }

  private double[] direction(String word) {
    int from = vectors.vocabulary().id(word) * vectors.size();
    double[] x = new double[vectors.size()];
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      x[i] = vectors.values()[from + i];
      squares += x[i] * x[i];
    }
    for (int i = 0; i < x.length && squares > 0; i++) {
      x[i] /= Math.sqrt(squares);
    }
    return x;
  }

  private static double[] signed(double[] axis) {
    double largest = 0;
    for (double x : axis) {
      largest = Math.abs(x) > Math.abs(largest) ? x : largest;
    }
    for (int i = 0; i < axis.length && largest < 0; i++) {
      axis[i] = -axis[i];
    }
    return axis;
  }

  /** Returns the map as a PNG file, on a white ground. */
  public byte[] png() {
    return Picture.png(chart());
  }

  private XYChart chart() {
    ChartStyle style = ChartStyle.LIGHT;
    double[][] points = points();
    XYChart chart = new XYChart(WIDTH, HEIGHT);
    style.apply(chart.getStyler());
    chart.getStyler().setChartBackgroundColor(Color.WHITE).setLegendVisible(false);
    chart.getStyler().setAxisTicksVisible(false).setPlotGridLinesVisible(false);
    chart.getStyler().setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    chart.getStyler().setAnnotationTextFontColor(style.ink());
    double[] ends = frame(chart, points);
    Color joint = style.soft();
    joint = new Color(joint.getRed(), joint.getGreen(), joint.getBlue(), FAINT);
    for (int i = 0; i < lines.size(); i++) {
      double[] a = points[rows.get(lines.get(i)[0])];
      double[] b = points[rows.get(lines.get(i)[1])];
      XYSeries series =
          chart.addSeries(
              Integer.toString(i), new double[] {a[0], b[0]}, new double[] {a[1], b[1]});
      series.setMarker(SeriesMarkers.NONE).setLineColor(joint).setLineStyle(style.thin());
    }
    dots(chart, "second", points, 1, style.training());
    dots(chart, "first", points, 0, style.validation());
    words(chart, points, ends);
    return chart;
  }

  /** Adds the points of the words that come first in their pairs, or second. */
  private void dots(XYChart chart, String name, double[][] points, int which, Color color) {
    double[] x = new double[lines.size()];
    double[] y = new double[lines.size()];
    for (int i = 0; i < x.length; i++) {
      double[] point = points[rows.get(lines.get(i)[which])];
      x[i] = point[0];
      y[i] = point[1];
    }
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
  }

  private void words(XYChart chart, double[][] points, double[] ends) {
    double[] unit = {(ends[1] - ends[0]) / WIDTH, -(ends[3] - ends[2]) / HEIGHT};
    double[][] pixels = new double[points.length][];
    for (int i = 0; i < points.length; i++) {
      pixels[i] = new double[] {points[i][0] / unit[0], points[i][1] / unit[1]};
    }
    double[][] places = LabelPlaces.choose(List.copyOf(rows.keySet()), pixels);
    rows.forEach(
        (word, row) ->
            chart.addAnnotation(
                new AnnotationText(
                    word, places[row][0] * unit[0], places[row][1] * unit[1], false)));
  }

  /** Sets the ends of the axes; returns them, those of x first. */
  private static double[] frame(XYChart chart, double[][] points) {
    double[] low = {Double.MAX_VALUE, Double.MAX_VALUE};
    double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE};
    for (double[] point : points) {
      for (int axis = 0; axis < 2; axis++) {
        low[axis] = Math.min(low[axis], point[axis]);
        high[axis] = Math.max(high[axis], point[axis]);
      }
    }
    for (int axis = 0; axis < 2; axis++) {
      double room = Math.max(1e-3, MARGIN * (high[axis] - low[axis]));
      low[axis] -= room;
      high[axis] += room;
    }
    chart.getStyler().setXAxisMin(low[0]).setXAxisMax(high[0]);
    chart.getStyler().setYAxisMin(low[1]).setYAxisMax(high[1]);
    return new double[] {low[0], high[0], low[1], high[1]};
  }

  /**
   * Places the words of a map so that they hide each other as little as possible: each above its
   * point, below it, right or left of it, the first of these places that is free, or the one where
   * it covers least. All is in pixels; widths are estimates, since fonts differ.
   */
  static final class LabelPlaces {
    private static final double HEIGHT = 15;
    private static final double CHARACTER = 7;

    /** The distance between the middle of a point and its word. */
    private static final double GAP = 6;

    private record Box(double left, double top, double right, double bottom) {
      static Box around(double x, double y, double width, double height) {
        return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
      }

      double x() {
        return (left + right) / 2;
      }

      double y() {
        return (top + bottom) / 2;
      }

      double common(Box other) {
        double width = Math.min(right, other.right) - Math.max(left, other.left);
        double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        return Math.max(0, width) * Math.max(0, height);
      }
    }

    private LabelPlaces() {}

    /**
     * Returns the middle of each word, {@code [words, 2]}; those that come first choose first.
     *
     * @param points of the words, {@code [words, 2]}
     */
    static double[][] choose(List<String> words, double[][] points) {
      List<Box> taken = new ArrayList<>();
      for (double[] point : points) {
        taken.add(Box.around(point[0], point[1], GAP, GAP));
      }
      double[][] middles = new double[points.length][];
      for (int i = 0; i < points.length; i++) {
        Box best = best(points[i], CHARACTER * words.get(i).length(), taken);
        taken.add(best);
        middles[i] = new double[] {best.x(), best.y()};
      }
      return middles;
    }

    private static Box best(double[] point, double width, List<Box> taken) {
      double up = GAP + HEIGHT / 2;
      double aside = GAP + width / 2;
      double[][] steps = {{0, -up}, {0, up}, {aside, 0}, {-aside, 0}};
      Box best = null;
      double least = Double.MAX_VALUE;
      for (double[] step : steps) {
        Box box = Box.around(point[0] + step[0], point[1] + step[1], width, HEIGHT);
        double covered = taken.stream().mapToDouble(box::common).sum();
        if (covered < least) {
          least = covered;
          best = box;
        }
      }
      return best;
    }
  }
}
