// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.nn.Gradient;

/** The mean of a sequence's outputs. */
final class MeanPooling implements Pooling {
  private final int width;
  private Packing packing;

  MeanPooling(int width) {
    this.width = width;
  }

  @Override
  public void forward(float[] y, int yo, Packing packing, float[] out) {
    this.packing = packing;
    Arrays.fill(out, 0, packing.rows() * width, 0f);
    for (int t = 0; t < packing.steps(); t++) {
      int from = yo + packing.at(t) * width;
      for (int i = 0; i < packing.rowsAt(t) * width; i++) {
        out[i] += y[from + i];
      }
    }
    for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
      for (int i = row * width; i < (row + 1) * width; i++) {
        out[i] /= packing.length(row);
      }
    }
  }

  @Override
  public void backward(float[] dOut, float[] dy, Gradient into) {
    for (int t = 0; t < packing.steps(); t++) {
      for (int row = 0; row < packing.rowsAt(t); row++) {
        int to = (packing.at(t) + row) * width;
        for (int j = 0; j < width; j++) {
          dy[to + j] = dOut[row * width + j] / packing.length(row);
        }
      }
    }
  }
}
