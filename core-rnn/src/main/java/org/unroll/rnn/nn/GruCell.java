// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;
import org.unroll.rnn.math.Ops;

/**
 * {@code r, z = sigmoid(.)}, {@code n = tanh(W_in x + b_in + r (W_hn h + b_hn))}, {@code h' = (1 -
 * z) n + z h}: PyTorch's form, in which the reset gate multiplies the product, so that one product
 * per step serves all gates.
 */
record GruCell() implements Cell {
  private static final List<Block> BLOCKS = List.of(new Block(0, 2, false), new Block(2, 1, true));

  @Override
  public List<Block> blocks() {
    return BLOCKS;
  }

  @Override
  public boolean passesGradient() {
    return true;
  }

  @Override
  public void forward(LayerWorkspace w, int t, int row, int count) {
    Ops.gruForward(
        count,
        w.hidden,
        w.gates,
        w.gateAt(t, row),
        w.candidate,
        w.candidateAt(t, row),
        w.h,
        w.stateAt(t, row),
        w.h,
        w.stateAt(t + 1, row));
  }

  @Override
  public void backward(LayerWorkspace w, int t, int row, int count, float[] dy, int dyo) {
    int gradient = row * w.hidden;
    Ops.gruBackward(
        count,
        w.hidden,
        w.gates,
        w.gateAt(t, row),
        w.candidate,
        w.candidateAt(t, row),
        w.h,
        w.stateAt(t, row),
        dy,
        dyo,
        w.stateGradient(t + 1),
        gradient,
        w.stateGradient(t),
        gradient);
  }
}
