// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.head;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.model.Loss;

/**
 * How often every class was taken for every other: sums {@code [C, C]}, a row for each true class,
 * over sequences or steps whose label is known.
 *
 * @param classes C
 */
public record ConfusionMetric(int classes) implements Metric {
  @Override
  public int size() {
    return Math.multiplyExact(classes, classes);
  }

  @Override
  public void add(SequenceExample example, Prediction prediction, double[] sums) {
    int[] labels = example.labels();
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] >= 0) {
        sums[labels[i] * classes + prediction.labels()[i]]++;
      }
    }
  }

  @Override
  public Loss error(double[] sums) {
    double all = 0;
    double right = 0;
    for (int i = 0; i < sums.length; i++) {
      all += sums[i];
      right += i % (classes + 1) == 0 ? sums[i] : 0;
    }
    return new Loss(all - right, all);
  }

  /** {@code accuracy} and {@code macro_f1}, the mean over the classes that occur. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    double f1 = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      double truth = 0;
      double said = 0;
      for (int other = 0; other < classes; other++) {
        truth += sums[c * classes + other];
        said += sums[other * classes + c];
      }
      if (truth + said > 0) {
        f1 += 2 * sums[c * classes + c] / (truth + said);
        present++;
      }
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("accuracy", 1 - error(sums).mean());
    figures.put("macro_f1", f1 / present);
    return figures;
  }
}
