// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;

/** Tables tell, label by label, what was there and what a model took it for. */
final class ConfusionTables {
  /** The largest number of labels whose confusion is shown; nobody would read larger tables. */
  private static final int MOST_SHOWN = 60;

  private ConfusionTables() {}

  /** Returns a table by label, and if there are not too many labels one of their confusion. */
  static List<Report.Table> of(ConfusionMetric metric, double[] sums, RowEncoder encoder) {
    List<String> labels = encoder.labels();
    List<String> there = Stream.concat(labels.stream(), encoder.unseen().stream()).toList();
    List<Report.Table> tables = new ArrayList<>();
    tables.add(byLabel(metric, sums, labels, there));
    if (there.size() <= MOST_SHOWN) {
      tables.add(confusion(sums, labels, there));
    }
    return tables;
  }

  private static Report.Table byLabel(
      ConfusionMetric metric, double[] sums, List<String> labels, List<String> there) {
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < there.size(); c++) {
      boolean known = c < labels.size();
      double present = metric.there(sums, c);
      double said = known ? metric.said(sums, c) : 0;
      double right = known ? sums[c * labels.size() + c] : 0;
      rows.add(
          List.of(
              there.get(c),
              Figures.count((long) present),
              share(right, said),
              share(right, present),
              share(2 * right, present + said)));
    }
    return new Report.Table(
        "By label", List.of("label", "there", "precision", "recall", "F1"), rows);
  }

  private static String share(double part, double whole) {
    return whole == 0 ? "–" : Figures.share(part / whole);
  }

  private static Report.Table confusion(double[] sums, List<String> labels, List<String> there) {
    List<String> columns = new ArrayList<>();
    columns.add("true \\ predicted");
    columns.addAll(labels);
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < there.size(); c++) {
      List<String> row = new ArrayList<>();
      row.add(there.get(c));
      for (int said = 0; said < labels.size(); said++) {
        row.add(Figures.count((long) sums[c * labels.size() + said]));
      }
      rows.add(row);
    }
    return new Report.Table("Confusion", columns, rows);
  }
}
