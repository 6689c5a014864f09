// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.util.MathArrays;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.unroll.rnn.embed.WordVectors;

/**
 * Draws words as points of a plane, and lines between pairs of them: their vectors, brought to
 * length 1, on the two axes along which they differ most (PCA, by singular values). The first words
 * of the pairs have points of one colour, the second ones of another, words in no pair that of the
 * second ones.
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

  /** The words that are in no pair. */
  private final List<String> alone = new ArrayList<>();

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

  /** Puts a word on the map that was not there. */
  public void add(String word) {
    if (rows.putIfAbsent(word, rows.size()) == null) {
      alone.add(word);
    }
  }

  /** Returns the share of the variance of all its vectors that the map shows, from 0 to 1. */
  double explained() {
    double[] values = new SingularValueDecomposition(centred()).getSingularValues();
    double all = Arrays.stream(values).map(v -> v * v).sum();
    return all > 0 ? Arrays.stream(values).limit(2).map(v -> v * v).sum() / all : 0;
  }

  /**
   * Returns the points {@code [words, 2]}, in the order in which the words came. Of the two
   * directions that an axis can have, it has the one in which its largest share is positive.
   */
  double[][] points() {
    RealMatrix directions = centred();
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

  /** Returns the directions of the words {@code [words, D]}, less their mean. */
  private RealMatrix centred() {
    RealMatrix directions = new Array2DRowRealMatrix(rows.size(), vectors.size());
    rows.forEach((word, row) -> directions.setRow(row, direction(word)));
    for (int j = 0; j < vectors.size(); j++) {
      double[] column = directions.getColumn(j);
      double mean = StatUtils.mean(column);
      directions.setColumn(j, Arrays.stream(column).map(x -> x - mean).toArray());
    }
    return directions;
  }

  private double[] direction(String word) {
    int from = vectors.vocabulary().id(word) * vectors.size();
    double[] x = new double[vectors.size()];
    Arrays.setAll(x, i -> vectors.values()[from + i]);
    double length = MathArrays.safeNorm(x);
    return length > 0 ? MathArrays.scale(1 / length, x) : x;
  }

  private static double[] signed(double[] axis) {
    double largest = 0;
    for (double x : axis) {
      largest = Math.abs(x) > Math.abs(largest) ? x : largest;
    }
    return largest < 0 ? MathArrays.scale(-1, axis) : axis;
  }

  /** Returns the map as a PNG file, on a white ground, with all words. */
  public byte[] png() {
    XYChart chart = draw(ChartStyle.LIGHT, WIDTH, HEIGHT, true);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    return Picture.png(chart);
  }

  /** Draws the map for a {@link Picture}, with the words that cover no others. */
  XYChart draw(ChartStyle style, int width, int height) {
    return draw(style, width, height, false);
  }

  private XYChart draw(ChartStyle style, int width, int height, boolean allWords) {
    double[][] points = points();
    XYChart chart = new XYChart(width, height);
    style.apply(chart.getStyler());
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setAxisTicksVisible(false).setPlotGridLinesVisible(false);
    chart.getStyler().setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    chart.getStyler().setAnnotationTextFontColor(style.ink());
    double[] x = ends(points, 0);
    double[] y = ends(points, 1);
    chart.getStyler().setXAxisMin(x[0]).setXAxisMax(x[1]).setYAxisMin(y[0]).setYAxisMax(y[1]);
    Color joint = style.soft();
    joint = new Color(joint.getRed(), joint.getGreen(), joint.getBlue(), FAINT);
    for (int i = 0; i < lines.size(); i++) {
      double[] a = points[rows.get(lines.get(i)[0])];
      double[] b = points[rows.get(lines.get(i)[1])];
      XYSeries series =
          chart.addSeries(
              Integer.toString(i), new double[] {a[0], b[0]}, new double[] {a[1], b[1]});
      series.setMarker(SeriesMarkers.NONE).setLineColor(joint).setLineStyle(new BasicStroke(1));
    }
    dots(chart, "second", points, ends(1), style.training());
    dots(chart, "alone", points, alone, style.training());
    dots(chart, "first", points, ends(0), style.validation());
    double[] pixel = {(x[1] - x[0]) / width, -(y[1] - y[0]) / height};
    words(chart, points, pixel, allWords);
    return chart;
  }

  private List<String> ends(int which) {
    return lines.stream().map(line -> line[which]).toList();
  }

  private void dots(
      XYChart chart, String name, double[][] points, List<String> words, Color color) {
    if (words.isEmpty()) {
      return;
    }
    List<double[]> dots = words.stream().map(word -> points[rows.get(word)]).toList();
    double[] x = dots.stream().mapToDouble(dot -> dot[0]).toArray();
    double[] y = dots.stream().mapToDouble(dot -> dot[1]).toArray();
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
  }

  /**
   * Adds the words.
   *
   * @param unit what a pixel is to the right, and downwards
   * @param all whether those are there that cover others
   */
  private void words(XYChart chart, double[][] points, double[] unit, boolean all) {
    double[][] pixels = new double[points.length][];
    for (int i = 0; i < points.length; i++) {
      pixels[i] = new double[] {points[i][0] / unit[0], points[i][1] / unit[1]};
    }
    double[][] places = LabelPlaces.choose(List.copyOf(rows.keySet()), pixels, all);
    rows.forEach(
        (word, row) -> {
          if (places[row] != null) {
            chart.addAnnotation(
                new AnnotationText(
                    EmbeddingsPage.visible(word),
                    places[row][0] * unit[0],
                    places[row][1] * unit[1],
                    false));
          }
        });
  }

  /** Returns the two ends of an axis. */
  private static double[] ends(double[][] points, int axis) {
    DoubleSummaryStatistics all =
        Arrays.stream(points).mapToDouble(point -> point[axis]).summaryStatistics();
    double room = Math.max(1e-3, MARGIN * (all.getMax() - all.getMin()));
    return new double[] {all.getMin() - room, all.getMax() + room};
  }

  /**
   * Places the words of a map so that they hide each other as little as possible: each above its
   * point, below it, right or left of it, the first of these places that is free, or the one where
   * it covers least. All is in pixels; widths are estimates, since fonts differ.
   */
  static final class LabelPlaces {
    private static final double HEIGHT = 15;
    private static final double CHARACTER = 7;

    /**
     * The area of others, of points above all, that a word may cover where not all need a place.
     */
    private static final double MOST_COVERED = 20;

    /** The distance between the middle of a point and its word. */
    private static final double GAP = 6;

    private LabelPlaces() {}

    /**
     * Returns the middle of each word, {@code [words, 2]}; those that come first choose first.
     *
     * @param points of the words, {@code [words, 2]}
     * @param all whether a word has a place even if it covers others there; otherwise null
     */
    static double[][] choose(List<String> words, double[][] points, boolean all) {
      List<Rectangle2D> taken = new ArrayList<>();
      for (double[] point : points) {
        taken.add(around(point[0], point[1], GAP, GAP));
      }
      double[][] middles = new double[points.length][];
      for (int i = 0; i < points.length; i++) {
        Rectangle2D best = best(points[i], CHARACTER * words.get(i).length(), taken);
        if (!all && covered(best, taken) > MOST_COVERED) {
          continue;
        }
        taken.add(best);
        middles[i] = new double[] {best.getCenterX(), best.getCenterY()};
      }
      return middles;
    }

    private static Rectangle2D around(double x, double y, double width, double height) {
      return new Rectangle2D.Double(x - width / 2, y - height / 2, width, height);
    }

    private static Rectangle2D best(double[] point, double width, List<Rectangle2D> taken) {
      double up = GAP + HEIGHT / 2;
      double aside = GAP + width / 2;
      return Stream.of(new double[][] {{0, -up}, {0, up}, {aside, 0}, {-aside, 0}})
          .map(step -> around(point[0] + step[0], point[1] + step[1], width, HEIGHT))
          .min(Comparator.comparingDouble(box -> covered(box, taken)))
          .orElseThrow();
    }

    private static double covered(Rectangle2D box, List<Rectangle2D> taken) {
      return taken.stream()
          .filter(box::intersects)
          .map(box::createIntersection)
          .mapToDouble(common -> common.getWidth() * common.getHeight())
          .sum();
    }
  }
}
