// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;
import org.unroll.rnn.math.Ops;

/**
 * {@code i, f, o = sigmoid(.)}, {@code g = tanh(.)}, {@code c' = f c + i g}, {@code h' = o
 * tanh(c')} (Gers et al. 2000).
 */
record LstmCell() implements Cell {
  private static final List<Block> BLOCKS = List.of(new Block(0, 4, false));

  @Override
  public List<Block> blocks() {
    return BLOCKS;
  }

  @Override
  public boolean passesGradient() {
    return false;
  }

  @Override
  public void forward(LayerWorkspace w, int t, int row, int count) {
    int next = w.stateAt(t + 1, row);
    Ops.lstmForward(
        count, w.hidden, w.gates, w.gateAt(t, row), w.c, w.stateAt(t, row), w.c, next, w.h, next);
  }

  @Override
  public void backward(LayerWorkspace w, int t, int row, int count, float[] dy, int dyo) {
    int gradient = row * w.hidden;
    Ops.lstmBackward(
        count,
        w.hidden,
        w.gates,
        w.gateAt(t, row),
        w.c,
        w.stateAt(t, row),
        w.c,
        w.stateAt(t + 1, row),
        dy,
        dyo,
        w.stateGradient(t + 1),
        gradient,
        w.dc,
        gradient);
  }
}
