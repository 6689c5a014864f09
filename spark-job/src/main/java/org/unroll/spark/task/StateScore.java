// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;

/**
 * Predictions of the next observation, and where rows say the agent is, what linear probes make of
 * the states and of the observations.
 */
final class StateScore extends TaskScore {
  private static final long serialVersionUID = 1L;

  private final State task;
  private final MetricScore next;
  private final Map<String, Integer> placeIds;

  /**
   * Places by how many observations were felt, 1, 2 to 3, 4 to 7 and so on: how many there are, and
   * how many are told from the state and from the observation.
   */
  private final long[][] told = new long[Integer.SIZE][3];

  StateScore(State task, Metric metric) {
    this.task = task;
    next = new MetricScore(metric);
    placeIds = task.placeIds();
  }

  @Override
  void add(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder) {
    next.add(row, example, said, encoder);
    if (task.probes() == null || row.stepLabels() == null) {
      return;
    }
    for (int t = 0; t < row.steps(); t++) {
      int place = placeIds.getOrDefault(row.stepLabels()[t], -1);
      int byState = task.probes().placeByState(said, example.steps(), t);
      int byObservation = task.probes().placeByObservation(task, row, example, encoder, t);
      long[] counts = told[Integer.SIZE - 1 - Integer.numberOfLeadingZeros(t + 1)];
      counts[0]++;
      counts[1] += byState == place ? 1 : 0;
      counts[2] += byObservation == place ? 1 : 0;
    }
  }

  @Override
  void add(TaskScore other) {
    StateScore that = (StateScore) other;
    next.add(that.next);
    for (int i = 0; i < told.length; i++) {
      for (int j = 0; j < told[i].length; j++) {
        told[i][j] += that.told[i][j];
      }
    }
  }

  @Override
  Map<String, Object> figures(double loss) {
    Map<String, Object> figures = new LinkedHashMap<>();
    if (!task.numeric()) {
      figures.put("perplexity", Math.exp(loss));
    }
    figures.putAll(next.figures(loss));
    long[] all = new long[3];
    for (long[] counts : told) {
      for (int j = 0; j < all.length; j++) {
        all[j] += counts[j];
      }
    }
    if (all[0] > 0) {
      figures.put("probe_accuracy", (double) all[1] / all[0]);
      figures.put("probe_baseline_accuracy", (double) all[2] / all[0]);
    }
    return figures;
  }

  @Override
  List<Report.Table> tables() {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < told.length && told[i][0] > 0; i++) {
      int first = 1 << i;
      int last = 2 * first - 1;
      rows.add(
          List.of(
              first == last ? "" + first : first + " to " + last,
              Figures.count(told[i][0]),
              Figures.share((double) told[i][1] / told[i][0]),
              Figures.share((double) told[i][2] / told[i][0])));
    }
    return rows.isEmpty()
        ? List.of()
        : List.of(
            new Report.Table(
                "Places told by a linear probe",
                List.of("observations", "places", "from the state", "from the last observation"),
                rows));
  }
}
