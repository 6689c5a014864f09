// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * What an evaluation finds beside its figures.
 *
 * @param tables of results
 * @param confusion of labels; null where answers are none
 * @param calibration of probabilities
 * @param lengths the figures of answers by length of source
 */
public record Findings(
    List<Report.Table> tables, Confusion confusion, Calibration calibration, ByLength lengths) {
  /** What finds nothing. */
  public static final Findings NONE = of(List.of());

  /** Returns tables alone. */
  public static Findings of(List<Report.Table> tables) {
    return new Findings(tables, null, Calibration.NONE, ByLength.NONE);
  }

  /** Returns figures by length alone. */
  public static Findings of(ByLength lengths) {
    return new Findings(List.of(), null, Calibration.NONE, lengths);
  }

  /** Returns all that can be told in rows. */
  public List<Report.Table> inRows() {
    return Stream.concat(
            tables.stream(),
            confusion != null && confusion.isShown() ? Stream.of(confusion.table()) : Stream.of())
        .toList();
  }

  /** Returns the same, each part named after the data. */
  public Findings named(String data) {
    return new Findings(
        tables.stream()
            .map(t -> new Report.Table(t.heading() + ", " + data, t.columns(), t.rows()))
            .toList(),
        confusion == null ? null : confusion.named(data),
        calibration.named(data),
        lengths.named(data));
  }

  /** Adds a section for each part to a page. */
  void addTo(HtmlPage page) {
    lengths(page);
    if (confusion != null && confusion.isShown()) {
      confusion.addTo(page);
    }
    calibration.addTo(page);
    tables.forEach(page::results);
  }

  private void lengths(HtmlPage page) {
    if (lengths.isEmpty()) {
      return;
    }
    Report.Table table = lengths.table();
    page.open(table.heading());
    String figure = lengths.figures().get(0);
    BarChart bars = new BarChart(figure, List.of(new BarChart.Bars("", 0, lengths)));
    page.picture(bars.description(), bars::draw);
    page.numbers(table.heading(), table.columns(), table.rows(), 0);
    page.close();
  }
}
