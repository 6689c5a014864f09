// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;

/**
 * This metric counts how often every class was taken for every other. The sums are {@code [C + U,
 * C]}: a row for each true class and then for each label that the model does not know, over
 * sequences or steps whose label is not masked.
 *
 * @param classes C
 * @param unseen U, the labels that are no class of the model
 */
public record ConfusionMetric(int classes, int unseen) implements Metric {
  @Override
  public int size() {
    return Math.multiplyExact(classes + unseen, classes);
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    int[] labels = example.labels();
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] != Batch.MASKED) {
        int truth = Example.place(labels[i], classes);
        sums[truth * classes + prediction.labels()[i]]++;
      }
    }
    return sums;
  }

  /** Returns how often a label was there. */
  public double there(double[] sums, int truth) {
    return Arrays.stream(sums, truth * classes, (truth + 1) * classes).sum();
  }

  /** Returns how often a class was the answer. */
  public double said(double[] sums, int c) {
    IntStream truths = IntStream.range(0, classes + unseen);
    return truths.mapToDouble(truth -> sums[truth * classes + c]).sum();
  }

  @Override
  public Loss error(double[] sums) {
    double all = Arrays.stream(sums).sum();
    IntStream right = IntStream.range(0, classes);
    return new Loss(all - right.mapToDouble(c -> sums[c * classes + c]).sum(), all);
  }

  /** Counts without sums, which would be many for an example alone where there are many classes. */
  @Override
  public Loss error(Example example, Prediction prediction) {
    int[] labels = example.labels();
    int all = 0;
    int wrong = 0;
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] != Batch.MASKED) {
        all++;
        wrong += prediction.labels()[i] == labels[i] ? 0 : 1;
      }
    }
    return new Loss(wrong, all);
  }

  /** Returns {@code accuracy} and {@code macro_f1}, the mean over labels that are there or said. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    double f1 = 0;
    int present = 0;
    for (int label = 0; label < classes + unseen; label++) {
      boolean known = label < classes;
      double both = there(sums, label) + (known ? said(sums, label) : 0);
      if (both > 0) {
        f1 += known ? 2 * sums[label * classes + label] / both : 0;
        present++;
      }
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("accuracy", 1 - error(sums).mean());
    figures.put("macro_f1", f1 / present);
    return figures;
  }
}
