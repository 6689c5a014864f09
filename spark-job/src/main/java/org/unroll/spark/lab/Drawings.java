// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Color;
import java.awt.Graphics2D;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Json;

/**
 * Small pictures of two coloured shapes and what can be said of them. A picture is a grid of
 * regions, row by row; the numbers of a region are red, green and blue of its four quarters, each
 * in [0, 1]. All captions of a picture are true: {@code a small red circle to the left of a large
 * blue square} is as well {@code a large blue square to the right of a small red circle}. Which
 * shapes stand how to each other decides which file a picture goes to, so that what is asked for in
 * a test was never shown before.
 *
 * @param regions in a row of the grid, and rows
 * @param noise standard deviation of what is added to every colour
 */
public record Drawings(int regions, double noise) implements SequenceKind {
  private static final List<String> SIZES = List.of("small", "large");
  private static final List<String> COLOURS =
      List.of("red", "green", "blue", "yellow", "purple", "black");
  private static final float[][] RGB = {
    {0.9f, 0.1f, 0.1f},
    {0.1f, 0.7f, 0.2f},
    {0.1f, 0.2f, 0.9f},
    {0.95f, 0.85f, 0.1f},
    {0.6f, 0.1f, 0.7f},
    {0.1f, 0.1f, 0.1f}
  };
  private static final List<String> FORMS =
      List.of("circle", "square", "triangle", "diamond", "cross");

  /** Half the width of a small and of a large shape, as shares of the picture. */
  private static final double[] REACH = {0.13, 0.21};

  /** The points of a quarter in each direction whose colours are averaged. */
  private static final int POINTS = 3;

  private static final int HALVES = 2;

  /** What a caption says of the first shape and the second, in both orders of the two. */
  private static final String[][] BESIDE = {
    {"%s to the left of %s", "%2$s to the right of %1$s"},
    {"%s above %s", "%2$s below %1$s"}
  };

  /**
   * A shape in a picture, whose middle and reach are shares of its width.
   *
   * @param size index of {@link #SIZES}
   * @param colour index of {@link #COLOURS}
   * @param form index of {@link #FORMS}
   */
  private record Shape(int size, int colour, int form, double x, double y) {
    String name() {
      return "a " + SIZES.get(size) + " " + COLOURS.get(colour) + " " + FORMS.get(form);
    }

    boolean covers(double px, double py) {
      double reach = REACH[size];
      double dx = Math.abs(px - x) / reach;
      double dy = (py - y) / reach;
      double up = Math.abs(dy);
      return switch (FORMS.get(form)) {
        case "circle" -> dx * dx + up * up <= 1;
        case "square" -> Math.max(dx, up) <= 0.85;
        case "triangle" -> up <= 1 && dx <= (1 + dy) / 2;
        case "diamond" -> dx + up <= 1;
        default -> Math.max(dx, up) <= 1 && Math.min(dx, up) <= 0.35;
      };
    }
  }

  @Override
  public Map<String, Object> sample(Draws draws) {
    int direction = draws.below(BESIDE.length);
    Shape first = shape(direction, 0.25, draws);
    Shape second = shape(direction, 0.75, draws);
    List<String> captions = new ArrayList<>();
    for (String form : BESIDE[direction]) {
      String caption = form.formatted(first.name(), second.name());
      captions.add(caption);
      captions.add("there is " + caption);
    }
    return Json.fields("features", features(List.of(first, second), draws), "captions", captions);
  }

  /** Draws a shape that stands at a share of the picture in a direction, and anywhere across. */
  private static Shape shape(int direction, double along, Draws draws) {
    int size = draws.below(SIZES.size());
    double room = 0.24 - REACH[size];
    double x = along + draws.uniform(-room, room);
    double y = draws.uniform(REACH[size], 1 - REACH[size]);
    int colour = draws.below(COLOURS.size());
    int form = draws.below(FORMS.size());
    return direction == 0
        ? new Shape(size, colour, form, x, y)
        : new Shape(size, colour, form, y, x);
  }

  private List<List<BigDecimal>> features(List<Shape> shapes, Draws draws) {
    List<List<BigDecimal>> features = new ArrayList<>();
    for (int region = 0; region < regions * regions; region++) {
      List<BigDecimal> numbers = new ArrayList<>();
      for (int quarter = 0; quarter < HALVES * HALVES; quarter++) {
        int column = region % regions * HALVES + quarter % HALVES;
        int row = region / regions * HALVES + quarter / HALVES;
        for (double mean : mean(shapes, column, row)) {
          double value = Math.max(0, Math.min(1, mean + noise * draws.gaussian()));
          numbers.add(BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_EVEN));
        }
      }
      features.add(numbers);
    }
    return features;
  }

  /** Returns the mean colour of a quarter of a region, white where no shape is. */
  private double[] mean(List<Shape> shapes, int column, int row) {
    double cell = 1.0 / (HALVES * regions);
    double[] mean = new double[RGB[0].length];
    for (int point = 0; point < POINTS * POINTS; point++) {
      double x = (column + (point % POINTS + 0.5) / POINTS) * cell;
      double y = (row + (point / POINTS + 0.5) / POINTS) * cell;
      Shape seen = shapes.stream().filter(shape -> shape.covers(x, y)).findFirst().orElse(null);
      for (int c = 0; c < mean.length; c++) {
        mean[c] += (seen == null ? 1 : RGB[seen.colour()][c]) / (POINTS * POINTS);
      }
    }
    return mean;
  }

  /** Returns the first caption, which tells all that is combined. */
  @Override
  public String combination(Map<String, Object> sample) {
    return (String) ((List<?>) sample.get("captions")).get(0);
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    List<?> features = (List<?>) sample.get("features");
    int side = (HEIGHT - 20) / (HALVES * regions);
    for (int region = 0; region < features.size(); region++) {
      List<?> numbers = (List<?>) features.get(region);
      for (int quarter = 0; quarter < HALVES * HALVES; quarter++) {
        float[] rgb = new float[RGB[0].length];
        for (int c = 0; c < rgb.length; c++) {
          rgb[c] = ((Number) numbers.get(quarter * rgb.length + c)).floatValue();
        }
        into.setColor(new Color(rgb[0], rgb[1], rgb[2]));
        int x = (region % regions * HALVES + quarter % HALVES) * side;
        int y = (region / regions * HALVES + quarter / HALVES) * side;
        into.fillRect(x, y, side, side);
      }
    }
    into.setColor(Color.BLACK);
    into.drawString(combination(sample), 0, HEIGHT - 4);
  }
}
