// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;

/**
 * The engine: one layer over a whole window, forward and backward (Werbos 1990, truncated to the
 * window). For the whole window one product {@code X W_ih^T}; per step only {@code h W_hh^T} and
 * the {@link Cell}; backward per step only {@code dgates W_hh}, then one product each for dW_ih,
 * dW_hh and dX. Holds no numbers: those are in the flat parameter vector and in a {@link
 * LayerWorkspace}.
 */
final class RecurrentLayer {
  private final Cell cell;
  private final int inputSize;
  private final int hidden;
  private final int gateSize;
  private final int inputWeight;
  private final int recurrentWeight;

  /** Offsets of the biases, or -1. */
  private final int inputBias;

  private final int recurrentBias;

  RecurrentLayer(RnnSpec spec, int layer, ParamLayout layout, String prefix) {
    cell = Cell.of(spec.cell());
    inputSize = spec.layerInputSize(layer);
    hidden = spec.hiddenSize();
    gateSize = spec.gateSize();
    String suffix = "_l" + layer;
    inputWeight = layout.get(prefix + "weight_ih" + suffix).offset();
    recurrentWeight = layout.get(prefix + "weight_hh" + suffix).offset();
    inputBias = spec.bias() ? layout.get(prefix + "bias_ih" + suffix).offset() : -1;
    recurrentBias = spec.bias() ? layout.get(prefix + "bias_hh" + suffix).offset() : -1;
  }

  /** Packs the weights for forward passes. */
  void loadForward(LayerWorkspace w, float[] params) {
    w.inputForward.packTransposed(params, inputWeight, inputSize, gateSize, inputSize);
    List<Cell.Block> blocks = cell.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Cell.Block block = blocks.get(i);
      w.recurrentForward
          .get(i)
          .packTransposed(params, recurrentAt(block), hidden, block.gates() * hidden, hidden);
    }
    if (inputBias >= 0) {
      loadBias(w, params);
    }
  }

  private void loadBias(LayerWorkspace w, float[] params) {
    for (Cell.Block block : cell.blocks()) {
      int first = block.firstGate() * hidden;
      for (int i = first; i < first + block.gates() * hidden; i++) {
        float recurrent = params[recurrentBias + i];
        w.bias[i] = params[inputBias + i] + (block.apart() ? 0 : recurrent);
        w.apartBias[i] = recurrent;
      }
    }
  }

  /** Packs the weights for backward passes. */
  void loadBackward(LayerWorkspace w, float[] params) {
    w.inputBackward.pack(params, inputWeight, inputSize, gateSize, inputSize);
    List<Cell.Block> blocks = cell.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Cell.Block block = blocks.get(i);
      w.recurrentBackward
          .get(i)
          .pack(params, recurrentAt(block), hidden, block.gates() * hidden, hidden);
    }
  }

  private int recurrentAt(Cell.Block block) {
    return recurrentWeight + block.firstGate() * hidden * hidden;
  }

  /**
   * Runs over a window. Outputs stand in {@code w.h} from {@code [1, 0, 0]} on; the outputs of
   * padded steps repeat the row's last state.
   *
   * @param x inputs {@code [T, B, D]}, or {@code [U, D]} for U distinct tokens
   * @param tokens the tokens when the inputs are given once for each, or null
   * @param lengths steps of each row, or null when all have T
   * @param state {@code [slots, B, H]} at {@code so}, replaced by the state after the window
   */
  void forward(
      LayerWorkspace w,
      float[] x,
      int xo,
      DistinctTokens tokens,
      int steps,
      int rows,
      int[] lengths,
      float[] state,
      int so) {
    w.steps = steps;
    w.rows = rows;
    w.lengths = lengths;
    w.tokens = tokens;
    int size = rows * hidden;
    System.arraycopy(state, so, w.h, 0, size);
    if (w.c.length > 0) {
      System.arraycopy(state, so + size, w.c, 0, size);
    }
    if (tokens != null) {
      inputProducts(w, tokens.count(), x, xo, w.distinct, 0);
    }
    int chunk = w.chunkSteps();
    for (int t0 = 0; t0 < steps; t0 += chunk) {
      int t1 = Math.min(steps, t0 + chunk);
      inputProducts(w, t0, t1, x, xo);
      for (int t = t0; t < t1; t++) {
        recurrentProducts(w, t);
        forwardStep(w, t);
      }
    }
    System.arraycopy(w.h, steps * size, state, so, size);
    if (w.c.length > 0) {
      System.arraycopy(w.c, steps * size, state, so + size, size);
    }
  }

  private void inputProducts(LayerWorkspace w, int t0, int t1, float[] x, int xo) {
    if (w.tokens == null) {
      int from = xo + t0 * w.rows * inputSize;
      inputProducts(w, (t1 - t0) * w.rows, x, from, w.gates, w.gateAt(t0, 0));
      return;
    }
    int[] slots = w.tokens.slots();
    for (int i = t0 * w.rows; i < t1 * w.rows; i++) {
      System.arraycopy(w.distinct, slots[i] * gateSize, w.gates, i * gateSize, gateSize);
    }
  }

  private void inputProducts(LayerWorkspace w, int n, float[] x, int xo, float[] to, int at) {
    Ops.gemmWithBias(n, x, xo, inputSize, w.inputForward, w.bias, 0, to, at, gateSize);
  }

  private void recurrentProducts(LayerWorkspace w, int t) {
    List<Cell.Block> blocks = cell.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Cell.Block block = blocks.get(i);
      PackedMatrix weights = w.recurrentForward.get(i);
      int h = w.stateAt(t, 0);
      if (block.apart()) {
        int bias = block.firstGate() * hidden;
        int to = w.candidateAt(t, 0);
        Ops.gemmWithBias(
            w.rows, w.h, h, hidden, weights, w.apartBias, bias, w.candidate, to, hidden);
      } else {
        int gates = w.gateAt(t, 0) + block.firstGate() * hidden;
        Ops.gemm(w.rows, w.h, h, hidden, weights, w.gates, gates, gateSize, true);
      }
    }
  }

  private void forwardStep(LayerWorkspace w, int t) {
    for (int row = 0; row < w.rows; ) {
      int end = runEnd(w, t, row);
      if (w.isActive(t, row)) {
        cell.forward(w, t, row, end - row);
      } else {
        int from = w.stateAt(t, row);
        int to = w.stateAt(t + 1, row);
        int size = (end - row) * hidden;
        System.arraycopy(w.h, from, w.h, to, size);
        if (w.c.length > 0) {
          System.arraycopy(w.c, from, w.c, to, size);
        }
      }
      row = end;
    }
  }

  /**
   * The end of the longest run of rows from {@code row} on that are alike, active or padded, at
   * step t.
   */
  private static int runEnd(LayerWorkspace w, int t, int row) {
    if (w.lengths == null) {
      return w.rows;
    }
    boolean active = w.isActive(t, row);
    int end = row + 1;
    while (end < w.rows && w.isActive(t, end) == active) {
      end++;
    }
    return end;
  }

  /**
   * Runs back over the window of the last forward pass.
   *
   * @param x the inputs of that pass, as they were given
   * @param dy gradient of the outputs {@code [T, B, H]}; not read at padded steps
   * @param dx set to the gradient of the inputs, in their shape, or null when nobody needs it
   * @param dState gradient of the state after the window {@code [slots, B, H]} at {@code dso},
   *     replaced by that of the state before it
   * @param gradient what the parameters' gradients are added to
   */
  void backward(
      LayerWorkspace w,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dx,
      float[] dState,
      int dso,
      Gradient gradient) {
    int size = w.rows * hidden;
    System.arraycopy(dState, dso, w.dh, 0, size);
    if (w.c.length > 0) {
      System.arraycopy(dState, dso + size, w.dc, 0, size);
    }
    if (w.tokens != null) {
      Arrays.fill(w.distinct, 0, w.tokens.count() * gateSize, 0f);
    }
    int chunk = w.chunkSteps();
    for (int t1 = w.steps; t1 > 0; t1 -= chunk) {
      int t0 = Math.max(0, t1 - chunk);
      for (int t = t1 - 1; t >= t0; t--) {
        backwardStep(w, t, dy, dyo + t * size);
        recurrentGradient(w, t);
        w.swapGradients();
      }
      recurrentWeights(w, t0, t1, gradient);
      if (w.tokens == null) {
        int n = (t1 - t0) * w.rows;
        int from = t0 * w.rows * inputSize;
        inputWeights(w, w.gates, w.gateAt(t0, 0), n, x, xo + from, dx, from, gradient);
      } else {
        collect(w, t0, t1);
      }
    }
    if (w.tokens != null) {
      inputWeights(w, w.distinct, 0, w.tokens.count(), x, xo, dx, 0, gradient);
    }
    System.arraycopy(w.dh, 0, dState, dso, size);
    if (w.c.length > 0) {
      System.arraycopy(w.dc, 0, dState, dso + size, size);
    }
  }

  private void backwardStep(LayerWorkspace w, int t, float[] dy, int dyo) {
    for (int row = 0; row < w.rows; ) {
      int end = runEnd(w, t, row);
      if (w.isActive(t, row)) {
        cell.backward(w, t, row, end - row, dy, dyo + row * hidden);
      } else {
        Arrays.fill(w.gates, w.gateAt(t, row), w.gateAt(t, end), 0f);
        if (w.candidate.length > 0) {
          Arrays.fill(w.candidate, w.candidateAt(t, row), w.candidateAt(t, end), 0f);
        }
      }
      row = end;
    }
  }

  /** dh of the state before step t; at padded rows the gradient goes on unchanged. */
  private void recurrentGradient(LayerWorkspace w, int t) {
    List<Cell.Block> blocks = cell.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Cell.Block block = blocks.get(i);
      boolean add = i > 0 || cell.passesGradient();
      PackedMatrix weights = w.recurrentBackward.get(i);
      if (block.apart()) {
        int at = w.candidateAt(t, 0);
        Ops.gemm(w.rows, w.candidate, at, hidden, weights, w.dhPrevious, 0, hidden, add);
      } else {
        int at = w.gateAt(t, 0) + block.firstGate() * hidden;
        Ops.gemm(w.rows, w.gates, at, gateSize, weights, w.dhPrevious, 0, hidden, add);
      }
    }
    if (w.lengths != null) {
      for (int row = 0; row < w.rows; row++) {
        if (!w.isActive(t, row)) {
          System.arraycopy(w.dh, row * hidden, w.dhPrevious, row * hidden, hidden);
        }
      }
    }
  }

  /** Adds the gradients of the steps from t0 to t1 by token. */
  private void collect(LayerWorkspace w, int t0, int t1) {
    int[] slots = w.tokens.slots();
    for (int i = t0 * w.rows; i < t1 * w.rows; i++) {
      Ops.add(w.gates, i * gateSize, w.distinct, slots[i] * gateSize, gateSize);
    }
  }

  /** Gradients of the inputs' weights and of n inputs, from those of the products with them. */
  private void inputWeights(
      LayerWorkspace w,
      float[] d,
      int from,
      int n,
      float[] x,
      int xo,
      float[] dx,
      int dxo,
      Gradient gradient) {
    w.left.pack(d, from, gateSize, n, gateSize);
    w.inputs.pack(x, xo, inputSize, n, inputSize);
    addProduct(w.left, w.inputs, gradient, inputWeight);
    addSums(d, from, gateSize, n, gateSize, gradient, inputBias);
    if (dx != null) {
      Ops.gemm(n, d, from, gateSize, w.inputBackward, dx, dxo, inputSize, false);
    }
  }

  /** Gradients of the recurrent weights over the steps from t0 to t1. */
  private void recurrentWeights(LayerWorkspace w, int t0, int t1, Gradient gradient) {
    int n = (t1 - t0) * w.rows;
    w.states.pack(w.h, w.stateAt(t0, 0), hidden, n, hidden);
    for (Cell.Block block : cell.blocks()) {
      int first = block.firstGate() * hidden;
      int size = block.gates() * hidden;
      float[] d = block.apart() ? w.candidate : w.gates;
      int from = block.apart() ? w.candidateAt(t0, 0) : w.gateAt(t0, 0) + first;
      int stride = block.apart() ? hidden : gateSize;
      w.left.pack(d, from, stride, n, size);
      addProduct(w.left, w.states, gradient, recurrentAt(block));
      addSums(d, from, stride, n, size, gradient, recurrentBias + first);
    }
  }

  private static void addProduct(PackedLeft a, PackedMatrix b, Gradient gradient, int at) {
    boolean add = gradient.claim(at, at + a.m() * b.n());
    Ops.gemm(a, b, gradient.values(), at, b.n(), add);
  }

  private void addSums(
      float[] d, int from, int stride, int rows, int n, Gradient gradient, int bias) {
    if (inputBias >= 0) {
      gradient.addTo(bias, bias + n);
      Ops.addColumnSums(d, from, stride, rows, n, gradient.values(), bias);
    }
  }
}
