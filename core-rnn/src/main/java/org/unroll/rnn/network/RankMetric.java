// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.unroll.rnn.data.Example;

/**
 * This metric is the area under the ROC curve of two classes, exactly: the chance that an example
 * of the second class has a higher probability of being one than an example of the first, a tie
 * being worth one half (Hanley and McNeil 1982). The sums are three numbers for every different
 * probability: it, and how many of the first and of the second class have it. They grow with the
 * data, so that this is no metric to watch a training by.
 */
public record RankMetric() implements Metric {
  private static final int WIDTH = 3;

  @Override
  public int size() {
    return 0;
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    if (example.labels() == null || example.labels()[0] < 0) {
      return sums;
    }
    // 0 and -0 are the same probability. Where one is no number, neither is the loss, which tells.
    double probability = prediction.probabilities()[1] + 0f;
    double[] longer = Arrays.copyOf(sums, sums.length + WIDTH);
    longer[sums.length] = probability;
    longer[sums.length + 1 + example.labels()[0]] = 1;
    return longer;
  }

  @Override
  public double[] plus(double[] sums, double[] more) {
    TreeMap<Double, double[]> counts = counts(sums);
    counts(more).forEach((p, own) -> add(counts, p, own[0], own[1]));
    double[] merged = new double[WIDTH * counts.size()];
    int at = 0;
    for (Map.Entry<Double, double[]> entry : counts.entrySet()) {
      merged[at++] = entry.getKey();
      merged[at++] = entry.getValue()[0];
      merged[at++] = entry.getValue()[1];
    }
    return merged;
  }

  private static TreeMap<Double, double[]> counts(double[] sums) {
    TreeMap<Double, double[]> counts = new TreeMap<>();
    for (int i = 0; i < sums.length; i += WIDTH) {
      add(counts, sums[i], sums[i + 1], sums[i + 2]);
    }
    return counts;
  }

  private static void add(
      TreeMap<Double, double[]> counts, double probability, double first, double second) {
    double[] sum = counts.computeIfAbsent(probability, p -> new double[2]);
    sum[0] += first;
    sum[1] += second;
  }

  /** Returns the share of pairs that are in the wrong order. */
  @Override
  public Loss error(double[] sums) {
    double right = 0;
    double negatives = 0;
    double positives = 0;
    for (double[] here : counts(sums).values()) {
      right += here[1] * (negatives + here[0] / 2);
      negatives += here[0];
      positives += here[1];
    }
    double pairs = negatives * positives;
    return new Loss(pairs - right, pairs);
  }

  /** Returns {@code auc}; NaN unless there are examples of both classes. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    return Map.of("auc", 1 - error(sums).mean());
  }
}
