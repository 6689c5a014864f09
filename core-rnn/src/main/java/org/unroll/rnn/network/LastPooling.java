// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;

/**
 * The output when everything was read: of the part of the vector that was made reading forward that
 * at the last step, of the other part that at the first. PyTorch's {@code h_n} of the last layer.
 */
final class LastPooling implements Pooling {
  private final int width;

  /** Columns before this one were made reading forward. */
  private final int forwardWidth;

  private Packing packing;

  LastPooling(int width, Direction direction) {
    this.width = width;
    forwardWidth =
        switch (direction) {
          case FORWARD -> width;
          case REVERSE -> 0;
          case BOTH -> width / 2;
        };
  }

  @Override
  public void forward(float[] y, int yo, Packing packing, float[] out) {
    this.packing = packing;
    for (int row = 0; row < packing.rows(); row++) {
      int to = row * width;
      if (packing.length(row) == 0) {
        Arrays.fill(out, to, to + width, 0f);
        continue;
      }
      int last = yo + packing.lastOf(row) * width;
      System.arraycopy(y, last, out, to, forwardWidth);
      int first = yo + row * width + forwardWidth;
      System.arraycopy(y, first, out, to + forwardWidth, width - forwardWidth);
    }
  }

  @Override
  public void backward(float[] dOut, float[] dy, Gradient into) {
    Arrays.fill(dy, 0, packing.positions() * width, 0f);
    for (int row = 0; row < packing.rows() && packing.length(row) > 0; row++) {
      int from = row * width;
      System.arraycopy(dOut, from, dy, packing.lastOf(row) * width, forwardWidth);
      int first = row * width + forwardWidth;
      System.arraycopy(dOut, from + forwardWidth, dy, first, width - forwardWidth);
    }
  }
}
