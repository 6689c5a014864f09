// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;

/** What a metric says, and nothing else. */
final class MetricScore extends TaskScore {
  private static final long serialVersionUID = 1L;

  private final Metric metric;
  private final double[] sums;

  MetricScore(Metric metric) {
    this.metric = metric;
    sums = new double[metric.size()];
  }

  @Override
  void add(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder) {
    metric.add(example, said, sums);
  }

  @Override
  void add(TaskScore other) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += ((MetricScore) other).sums[i];
    }
  }

  @Override
  Map<String, Object> figures(double loss) {
    return new LinkedHashMap<>(metric.figures(sums));
  }

  @Override
  List<Report.Table> tables() {
    return List.of();
  }
}
