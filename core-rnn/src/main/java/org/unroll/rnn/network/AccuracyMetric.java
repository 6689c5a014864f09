// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Map;
import org.unroll.rnn.data.SequenceExample;

/**
 * How many labels are right, of however many classes: sums of those that are known and of those
 * that are right.
 */
public record AccuracyMetric() implements Metric {
  @Override
  public int size() {
    return 2;
  }

  @Override
  public void add(SequenceExample example, Prediction prediction, double[] sums) {
    int[] labels = example.labels();
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] >= 0) {
        sums[0]++;
        sums[1] += prediction.labels()[i] == labels[i] ? 1 : 0;
      }
    }
  }

  @Override
  public Loss error(double[] sums) {
    return new Loss(sums[0] - sums[1], sums[0]);
  }

  /** {@code accuracy}. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    return Map.of("accuracy", sums[1] / sums[0]);
  }
}
