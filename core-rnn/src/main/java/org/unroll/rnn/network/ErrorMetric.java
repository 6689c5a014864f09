// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.LinkedHashMap;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;

/**
 * Errors of numbers. Sums: of every value of a place how many are known, their squared and their
 * absolute errors.
 *
 * @param values O, the values of a place, such as the horizons of a forecast
 */
public record ErrorMetric(int values) implements Metric {
  @Override
  public int size() {
    return 3 * values;
  }

  @Override
  public void add(SequenceExample example, Prediction prediction, double[] sums) {
    if (example.values() != null) {
      add(example.values(), prediction.values(), sums);
    }
  }

  /** Adds numbers with what was said of each; NaN is one that is not known. */
  public void add(float[] truth, float[] said, double[] sums) {
    for (int i = 0; i < truth.length; i++) {
      if (!Float.isNaN(truth[i])) {
        double error = (double) said[i] - truth[i];
        int at = 3 * (i % values);
        sums[at]++;
        sums[at + 1] += error * error;
        sums[at + 2] += Math.abs(error);
      }
    }
  }

  @Override
  public Loss error(double[] sums) {
    double count = 0;
    double squares = 0;
    for (int i = 0; i < values; i++) {
      count += sums[3 * i];
      squares += sums[3 * i + 1];
    }
    return new Loss(squares, count);
  }

  /** {@code mse}, {@code rmse} and {@code mae} over all values. */
  @Override
  public Map<String, Double> figures(double[] sums) {
    Loss error = error(sums);
    double absolute = 0;
    for (int i = 0; i < values; i++) {
      absolute += sums[3 * i + 2];
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("mse", error.mean());
    figures.put("rmse", Math.sqrt(error.mean()));
    figures.put("mae", absolute / error.weight());
    return figures;
  }
}
