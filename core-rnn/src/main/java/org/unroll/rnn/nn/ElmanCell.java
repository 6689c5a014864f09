// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;
import org.unroll.rnn.math.Ops;

/** {@code h' = tanh(a)} or {@code max(0, a)} with {@code a = W_ih x + b_ih + W_hh h + b_hh}. */
record ElmanCell(boolean tanh) implements Cell {
  private static final List<Block> BLOCKS = List.of(new Block(0, 1, false));

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
    int gates = w.gateAt(t, row);
    int h = w.stateAt(t + 1, row);
    if (tanh) {
      Ops.elmanTanhForward(count, w.hidden, w.gates, gates, w.h, h);
      return;
    }
    for (int i = 0; i < count * w.hidden; i++) {
      w.h[h + i] = Math.max(0, w.gates[gates + i]);
    }
  }

  @Override
  public void backward(LayerWorkspace w, int t, int row, int count, float[] dy, int dyo) {
    int gates = w.gateAt(t, row);
    int h = w.stateAt(t + 1, row);
    int dh = row * w.hidden;
    int n = count * w.hidden;
    float[] after = w.stateGradient(t + 1);
    for (int i = 0; i < n; i++) {
      float y = w.h[h + i];
      float slope = tanh ? 1 - y * y : y > 0 ? 1 : 0;
      w.gates[gates + i] = (dy[dyo + i] + after[dh + i]) * slope;
    }
  }
}
