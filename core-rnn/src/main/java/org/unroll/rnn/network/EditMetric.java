// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;

/**
 * How many labels must be inserted, deleted or replaced to make the true labels of the predicted
 * ones (Levenshtein 1966). Sums: such edits, true labels, sequences, and those without an edit.
 */
public record EditMetric() implements Metric {
  @Override
  public int size() {
    return 4;
  }

  @Override
  public void add(SequenceExample example, Prediction prediction, double[] sums) {
    if (example.labels() == null) {
      return;
    }
    int edits = distance(example.labels(), prediction.labels());
    sums[0] += edits;
    sums[1] += example.labels().length;
    sums[2]++;
    sums[3] += edits == 0 ? 1 : 0;
  }

  static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int corner = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
        corner = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length];
  }

  @Override
  public Loss error(double[] sums) {
    return new Loss(sums[0], sums[1]);
  }

  /** {@code label_error_rate}, edits per true label, and {@code exact}, sequences without one. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("label_error_rate", error(sums).mean());
    figures.put("exact", sums[3] / sums[2]);
    return figures;
  }
}
