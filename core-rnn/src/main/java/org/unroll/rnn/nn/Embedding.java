// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.RandomBits;

/**
 * An embedding looks up rows of a matrix W {@code [V, E]} by token id, {@code torch.nn.Embedding}.
 *
 * <pre>
 *   y_i = W[id_i]     dW[v] = sum of dy_i over all i with id_i = v
 * </pre>
 */
public final class Embedding {
  private Embedding() {}

  /** Copies the vectors of n ids to columns of a matrix: to {@code at + i * stride}. */
  public static void forward(
      float[] params, Param weight, int[] ids, int n, float[] out, int at, int stride) {
    int width = weight.shape().get(1);
    for (int i = 0; i < n; i++) {
      System.arraycopy(params, row(weight, ids[i]), out, at + i * stride, width);
    }
  }

  /**
   * Adds the gradients in columns of a matrix, from {@code at + i * stride}, to the rows of the n
   * ids, in the order of the ids.
   */
  public static void backward(
      float[] dOut, int at, int stride, Param weight, int[] ids, int n, Gradient gradient) {
    int width = weight.shape().get(1);
    float[] values = gradient.values();
    for (int i = 0; i < n; i++) {
      int to = row(weight, ids[i]);
      int from = at + i * stride;
      gradient.addTo(to, to + width);
      for (int j = 0; j < width; j++) {
        values[to + j] += dOut[from + j];
      }
    }
  }

  /**
   * Drops tokens, each with all its occurrences (Gal and Ghahramani 2016): multiplies the columns
   * of n vectors, or of their gradients, with 0 or {@code 1 / (1 - p)}.
   *
   * @param key decides which tokens
   */
  public static void drop(
      double p, long key, float[] x, int at, int stride, int width, int[] ids, int n) {
    float keep = (float) (1 / (1 - p));
    for (int i = 0; i < n; i++) {
      float factor = RandomBits.uniform(key, ids[i]) < (float) p ? 0 : keep;
      for (int j = at + i * stride; j < at + i * stride + width; j++) {
        x[j] *= factor;
      }
    }
  }

  private static int row(Param weight, int id) {
    int rows = weight.shape().get(0);
    if (id < 0 || id >= rows) {
      throw new IllegalArgumentException(
          "token id " + id + " is outside the vocabulary of " + rows);
    }
    return weight.offset() + id * weight.shape().get(1);
  }
}
