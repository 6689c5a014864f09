// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import org.unroll.rnn.nn.CellType;

/** One step of the recurrent cells in double, as PyTorch's documentation writes them. */
public final class TwinCell {
  private TwinCell() {}

  /**
   * Runs one step of one sequence.
   *
   * @param a the input's product with its bias {@code [G H]}
   * @param b the recurrent product with its bias {@code [G H]}
   * @param before the state h before the step
   * @param c the LSTM's c, replaced by that after the step
   * @return h after the step
   */
  public static double[] step(CellType cell, double[] a, double[] b, double[] before, double[] c) {
    int hidden = before.length;
    double[] after = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      int second = hidden + j;
      int third = 2 * hidden + j;
      int fourth = 3 * hidden + j;
      switch (cell) {
        case RNN_TANH -> after[j] = Math.tanh(a[j] + b[j]);
        case RNN_RELU -> after[j] = Math.max(0, a[j] + b[j]);
        case GRU -> {
          double reset = sigmoid(a[j] + b[j]);
          double update = sigmoid(a[second] + b[second]);
          double candidate = Math.tanh(a[third] + reset * b[third]);
          after[j] = (1 - update) * candidate + update * before[j];
        }
        case LSTM -> {
          double input = sigmoid(a[j] + b[j]);
          double forget = sigmoid(a[second] + b[second]);
          double candidate = Math.tanh(a[third] + b[third]);
          double output = sigmoid(a[fourth] + b[fourth]);
          c[j] = forget * c[j] + input * candidate;
          after[j] = output * Math.tanh(c[j]);
        }
      }
    }
    return after;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
