// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.nn.Gradient;

/** The largest of a sequence's outputs, element by element; of equal ones the first. */
final class MaxPooling implements Pooling {
  private final int width;

  /** The position that every element comes from {@code [B, W]}. */
  private final int[] best;

  private Packing packing;

  MaxPooling(int width, int rows) {
    this.width = width;
    best = new int[Math.multiplyExact(width, rows)];
  }

  @Override
  public void forward(float[] y, int yo, Packing packing, float[] out) {
    this.packing = packing;
    for (int row = 0; row < packing.rows(); row++) {
      for (int j = 0; j < width; j++) {
        out[row * width + j] = packing.length(row) == 0 ? 0 : y[yo + row * width + j];
        best[row * width + j] = row;
      }
    }
    for (int t = 1; t < packing.steps(); t++) {
      int first = packing.at(t);
      for (int i = 0; i < packing.rowsAt(t) * width; i++) {
        float value = y[yo + first * width + i];
        if (value > out[i]) {
          out[i] = value;
          best[i] = first + i / width;
        }
      }
    }
  }

  @Override
  public void backward(float[] dOut, float[] dy, Gradient into) {
    Arrays.fill(dy, 0, packing.positions() * width, 0f);
    for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
      for (int j = 0; j < width; j++) {
        int i = row * width + j;
        dy[best[i] * width + j] = dOut[i];
      }
    }
  }
}
