// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;

/**
 * The engine: one layer over a whole window, forward and backward (Werbos 1990, truncated to the
 * window), by a team of threads. The window is worked through in chunks of steps: for all positions
 * of a chunk one product {@code X W_ih^T}; then per step only {@code h W_hh^T} and the {@link
 * Cell}; backward per step only {@code dgates W_hh}, then one product each for dW_ih, dW_hh and dX
 * of the chunk, whose gates are still in the cache.
 *
 * <p>The rows of a batch do not know of each other, so each thread takes its rows through all steps
 * of a chunk. Of the weights' gradients each makes the rows of some gates. No element of a result
 * depends on who made it.
 */
final class LayerRun {
  private final RecurrentLayer layer;
  private final LayerWorkspace w;
  private final Team team;
  private final int inputSize;

  /** The window's inputs, by position or by token, and the gradients that go and come. */
  private float[] x;

  private int xo;
  private float[] dy;
  private float[] dx;
  private float[] gradient;
  private boolean add;

  /** The chunk: steps [t0, t1). */
  private int t0;

  private int t1;

  private final Team.Task tokenProducts = this::tokenProducts;
  private final Team.Task chunkProducts = this::chunkProducts;
  private final Team.Task steps = this::steps;
  private final Team.Task stepsBack = this::stepsBack;
  private final Team.Task chunkFactors = this::chunkFactors;
  private final Team.Task recurrentWeights = this::recurrentWeights;
  private final Team.Task chunkGradients = this::chunkGradients;
  private final Team.Task sumsByToken = this::sumsByToken;
  private final Team.Task tokenGradients = this::tokenGradients;

  LayerRun(RecurrentLayer layer, LayerWorkspace workspace, int inputSize, Team team) {
    this.layer = layer;
    this.w = workspace;
    this.inputSize = inputSize;
    this.team = team;
  }

  /** Packs the weights for forward passes. */
  void loadForward(float[] params) {
    layer.loadForward(w, params);
  }

  /** Packs the weights for backward passes. */
  void loadBackward(float[] params) {
    layer.loadBackward(w, params);
  }

  LayerWorkspace workspace() {
    return w;
  }

  /**
   * Runs over a window. Outputs stand in {@code w.h} from {@code [1, 0, 0]} on; the outputs of
   * padded steps repeat the row's last state.
   *
   * @param inputs {@code [T, B, D]} at {@code from}, or {@code [U, D]} for U distinct tokens
   * @param tokens the tokens when the inputs are given once for each, or null
   * @param lengths steps of each row, or null when all have T
   * @param state {@code [slots, B, H]} at {@code so}, replaced by the state after the window
   */
  void forward(
      float[] inputs,
      int from,
      DistinctTokens tokens,
      int windowSteps,
      int rows,
      int[] lengths,
      float[] state,
      int so) {
    x = inputs;
    xo = from;
    w.steps = windowSteps;
    w.rows = rows;
    w.lengths = lengths;
    w.tokens = tokens;
    int size = rows * w.hidden;
    System.arraycopy(state, so, w.h, 0, size);
    if (w.c.length > 0) {
      System.arraycopy(state, so + size, w.c, 0, size);
    }
    if (tokens != null) {
      team.run(tokenProducts);
    }
    for (t0 = 0; t0 < windowSteps; t0 = t1) {
      t1 = Math.min(windowSteps, t0 + w.chunkSteps());
      if (tokens == null) {
        team.run(chunkProducts);
      }
      team.run(steps);
    }
    System.arraycopy(w.h, windowSteps * size, state, so, size);
    if (w.c.length > 0) {
      System.arraycopy(w.c, windowSteps * size, state, so + size, size);
    }
  }

  private void tokenProducts(int part, int parts) {
    int first = Team.start(w.tokens.count(), part, parts);
    int n = Team.start(w.tokens.count(), part + 1, parts) - first;
    layer.inputProducts(w, n, x, xo + first * inputSize, w.distinct, first * w.gateSize);
  }

  private void chunkProducts(int part, int parts) {
    int first = t0 * w.rows + Team.start(positions(), part, parts);
    int n = t0 * w.rows + Team.start(positions(), part + 1, parts) - first;
    layer.inputProducts(w, n, x, xo + first * inputSize, w.gates, first * w.gateSize);
  }

  private int positions() {
    return (t1 - t0) * w.rows;
  }

  private void steps(int part, int parts) {
    int row = Team.start(w.rows, part, parts);
    int end = Team.start(w.rows, part + 1, parts);
    for (int t = t0; t < t1; t++) {
      if (w.tokens != null) {
        copyTokenProducts(t, row, end);
      }
      layer.recurrentProducts(w, t, row, end);
      layer.forwardStep(w, t, row, end);
    }
  }

  private void copyTokenProducts(int t, int row, int end) {
    int[] slots = w.tokens.slots();
    for (int i = t * w.rows + row; i < t * w.rows + end; i++) {
      int from = slots[i] * w.gateSize;
      System.arraycopy(w.distinct, from, w.gates, i * w.gateSize, w.gateSize);
    }
  }

  /**
   * Runs back over the window of the last forward pass.
   *
   * @param outputGradient gradient of the outputs {@code [T, B, H]}; not read at padded steps
   * @param inputGradient set to the gradient of the inputs, as they were given, or null when nobody
   *     needs it
   * @param dState gradient of the state after the window {@code [slots, B, H]} at {@code dso},
   *     replaced by that of the state before it
   * @param into what the parameters' gradients are added to
   */
  void backward(
      float[] outputGradient, float[] inputGradient, float[] dState, int dso, Gradient into) {
    dy = outputGradient;
    dx = inputGradient;
    gradient = into.values();
    int size = w.rows * w.hidden;
    System.arraycopy(dState, dso, w.stateGradient(w.steps), 0, size);
    if (w.c.length > 0) {
      System.arraycopy(dState, dso + size, w.dc, 0, size);
    }
    if (w.tokens != null) {
      Arrays.fill(w.distinct, 0, w.tokens.count() * w.gateSize, 0f);
    }
    for (t1 = w.steps; t1 > 0; t1 = t0) {
      t0 = Math.max(0, t1 - w.chunkSteps());
      team.run(stepsBack);
      w.states.reserve(positions(), w.hidden);
      if (w.tokens == null) {
        w.inputs.reserve(positions(), inputSize);
      }
      team.run(chunkFactors);
      add = layer.claimRecurrentWeights(into);
      team.run(recurrentWeights);
      if (w.tokens == null) {
        add = layer.claimInputWeights(into);
        team.run(chunkGradients);
      } else {
        team.run(sumsByToken);
      }
    }
    if (w.tokens != null) {
      w.inputs.pack(x, xo, inputSize, w.tokens.count(), inputSize);
      add = layer.claimInputWeights(into);
      team.run(tokenGradients);
    }
    System.arraycopy(w.stateGradient(0), 0, dState, dso, size);
    if (w.c.length > 0) {
      System.arraycopy(w.dc, 0, dState, dso + size, size);
    }
  }

  private void stepsBack(int part, int parts) {
    int row = Team.start(w.rows, part, parts);
    int end = Team.start(w.rows, part + 1, parts);
    for (int t = t1 - 1; t >= t0; t--) {
      layer.backwardStep(w, t, row, end, dy, t * w.rows * w.hidden);
      layer.recurrentGradient(w, t, row, end);
    }
  }

  /** Packs the inputs and the states before each step of the chunk, each thread some positions. */
  private void chunkFactors(int part, int parts) {
    int from = Team.start(positions(), part, parts);
    int to = Team.start(positions(), part + 1, parts);
    w.states.packRows(w.h, w.stateAt(t0, 0), w.hidden, from, to);
    if (w.tokens == null) {
      w.inputs.packRows(x, xo + t0 * w.rows * inputSize, inputSize, from, to);
    }
  }

  private void recurrentWeights(int part, int parts) {
    layer.recurrentWeights(w, part, parts, t0, positions(), gradient, add);
  }

  private void chunkGradients(int part, int parts) {
    int at = t0 * w.rows;
    layer.inputWeights(w, part, parts, w.gates, w.gateAt(t0, 0), positions(), gradient, add);
    inputGradient(part, parts, w.gates, at, positions());
  }

  /** Adds the gradients of the chunk's products by token, each thread some columns of all. */
  private void sumsByToken(int part, int parts) {
    int from = Team.start(w.gateSize, part, parts);
    int n = Team.start(w.gateSize, part + 1, parts) - from;
    int[] slots = w.tokens.slots();
    for (int i = t0 * w.rows; i < t1 * w.rows; i++) {
      Ops.add(w.gates, i * w.gateSize + from, w.distinct, slots[i] * w.gateSize + from, n);
    }
  }

  private void tokenGradients(int part, int parts) {
    int n = w.tokens.count();
    layer.inputWeights(w, part, parts, w.distinct, 0, n, gradient, add);
    inputGradient(part, parts, w.distinct, 0, n);
  }

  /** The gradients of a part of n inputs, of which the first is number {@code at}. */
  private void inputGradient(int part, int parts, float[] d, int at, int n) {
    if (dx != null) {
      int first = at + Team.start(n, part, parts);
      int count = at + Team.start(n, part + 1, parts) - first;
      layer.inputGradient(w, d, first * w.gateSize, count, dx, first * inputSize);
    }
  }
}
