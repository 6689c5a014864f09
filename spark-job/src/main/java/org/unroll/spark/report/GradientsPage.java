// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Writes how far gradients come back through time as an {@link HtmlPage}: a chart of their norms by
 * distance, with a logarithmic axis, and a table.
 */
public final class GradientsPage {
  /** Norms below this are drawn as this: the smallest that a float holds exactly. */
  private static final double FLOOR = 1e-38;

  private GradientsPage() {}

  /**
   * A network's gradient by distance.
   *
   * @param norms of the loss's gradient with respect to what was read, from the last step back
   * @param total norm of the gradient of all parameters
   * @param clipped what clipping leaves of that
   */
  public record Curve(String name, double[] norms, double total, double clipped) {
    /** Returns the norm at the first step as a share of that at the last one. */
    public double ratio() {
      return norms[norms.length - 1] / norms[0];
    }
  }

  /** Curves that are drawn in one chart. */
  public record Chart(String heading, String note, List<Curve> curves) {}

  /** Returns the page. */
  public static Page of(String title, String summary, List<Chart> charts) {
    HtmlPage page = new HtmlPage("Gradients through time", title, summary);
    for (Chart chart : charts) {
      page.open(chart.heading());
      page.picture(description(chart), drawing(chart));
      page.note(chart.note());
      page.numbers(chart.heading(), columns(chart), rows(chart), 0);
      page.close();
    }
    return page.end();
  }

  private static Picture.Drawing drawing(Chart chart) {
    List<EpochChart.Line> lines = new ArrayList<>();
    for (int i = 0; i < chart.curves().size(); i++) {
      int color = i;
      double[] logs =
          Arrays.stream(chart.curves().get(i).norms())
              .map(norm -> Math.log10(Math.max(FLOOR, norm)))
              .toArray();
      lines.add(
          new EpochChart.Line(
              chart.curves().get(i).name(), style -> style.models().get(color), logs));
    }
    return new EpochChart(
            "steps back from the loss", "norm of the gradient, power of ten", lines, 0, true)
        ::draw;
  }

  private static String description(Chart chart) {
    StringBuilder text = new StringBuilder("Norm of the loss's gradient by distance.");
    for (Curve curve : chart.curves()) {
      text.append(
          " %s: %s at the last step, %s at the first."
              .formatted(
                  curve.name(),
                  power(curve.norms()[0]),
                  power(curve.norms()[curve.norms().length - 1])));
    }
    return text.toString();
  }

  private static List<String> columns(Chart chart) {
    int steps = chart.curves().get(0).norms().length;
    return List.of(
        "network",
        "norm, 1 step back",
        "norm, %s steps back".formatted(steps),
        "ratio",
        "norm of all",
        "clipped");
  }

  private static List<List<String>> rows(Chart chart) {
    return chart.curves().stream()
        .map(
            curve ->
                List.of(
                    curve.name(),
                    power(curve.norms()[0]),
                    power(curve.norms()[curve.norms().length - 1]),
                    power(curve.ratio()),
                    power(curve.total()),
                    power(curve.clipped())))
        .toList();
  }

  /** Returns a number of any size, as a power of ten. */
  public static String power(double value) {
    return String.format(Locale.ROOT, "%.1e", value);
  }
}
