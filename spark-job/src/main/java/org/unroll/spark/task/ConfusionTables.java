// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.network.CalibrationMetric;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.Metric;
import org.unroll.spark.report.ByLength;
import org.unroll.spark.report.Calibration;
import org.unroll.spark.report.Confusion;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Report;

/**
 * What is told of labels: label by label what was there and what a model took it for, and how sure
 * it was.
 */
final class ConfusionTables {
  private static final CalibrationMetric CALIBRATION = new CalibrationMetric();

  private ConfusionTables() {}

  /** Returns what counts how often labels are taken for each other. */
  static ConfusionMetric confusion(RowEncoder encoder) {
    return new ConfusionMetric(encoder.labels().size(), encoder.unseen().size());
  }

  /** Returns the same, with how sure the model is. */
  static Metric.Both metric(RowEncoder encoder) {
    return new Metric.Both(confusion(encoder), CALIBRATION);
  }

  /** Returns what the sums of {@link #metric} say. */
  static Findings of(double[] sums, RowEncoder encoder) {
    List<String> labels = encoder.labels();
    List<String> there = Stream.concat(labels.stream(), encoder.unseen().stream()).toList();
    Metric.Both both = metric(encoder);
    double[] confused = both.ofFirst(sums);
    double[][] counts = new double[there.size()][];
    for (int t = 0; t < counts.length; t++) {
      counts[t] = Arrays.copyOfRange(confused, t * labels.size(), (t + 1) * labels.size());
    }
    return new Findings(
        List.of(byLabel(confusion(encoder), confused, labels, there)),
        new Confusion(there, labels, counts, ""),
        Calibration.of(CALIBRATION, both.ofSecond(sums)),
        ByLength.NONE);
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
}
