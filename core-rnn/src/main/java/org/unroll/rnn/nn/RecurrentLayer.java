// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.unroll.rnn.math.CellStep;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/**
 * One recurrent layer is run over packed sequences in one direction, forward and backward (Werbos
 * 1990), by a team of threads: whole sequences at a time, or step by step where something else is
 * computed between two steps, as attention with input feeding is in a decoder.
 *
 * <pre>
 *   begin -&gt; forward(0, T)                        -&gt; end     whole sequences
 *   begin -&gt; forward(0, 1), forward(1, 2), ...    -&gt; end     single steps: the same bits
 *   beginBackward -&gt; backward()                              whole sequences
 *   beginBackward -&gt; stepBack(T - 1), ..., stepBack(0) -&gt; endBackward
 * </pre>
 *
 * <p>Whole sequences are worked through in chunks of steps: for all positions of a chunk one
 * product {@code X W_ih^T}; then per step only {@code h W_hh^T} and the {@link CellType}; backward
 * per step only {@code dgates W_hh}, then one product each for dW_ih, dW_hh and dX of the chunk,
 * whose gates are still in the cache.
 *
 * <p>The longest sequence is row 0, so that what is worked on at a step are its first rows. The
 * rows of a batch do not know of each other: each thread takes its rows through all steps of a
 * chunk, and of the weights' gradients each makes the rows of some gates. No element of a result
 * depends on who made it.
 */
final class RecurrentLayer {
  private final LayerProducts layer;
  private final CellType cell;
  private final LayerWorkspace w;
  private final Team team;
  private final int inputSize;

  // The window's inputs, by position or by token, and the gradients that go and come.
  private float[] x;
  private int xo;
  private float[] dy;
  private float[] dx;
  private float[] stateGradient;
  private int stateGradientAt;
  private float[] recurrentGradient;
  private int recurrentGradientAt;
  private Gradient target;
  private float[] gradient;
  private boolean add;

  // The dropout of recurrent weights, or null; and whether those that are packed were dropped.
  private final Dropout.OfWeights drop;
  private boolean dropped;

  // The chunk at work is the steps [t0, t1).
  private int t0;
  private int t1;

  private final Team.Task tokenProducts = this::tokenProducts;
  private final Team.Task chunkProducts = this::chunkProducts;
  private final Team.Task steps = this::steps;
  private final Team.Task stepsBack = this::stepsBack;
  private final Team.Task chunkFactors = this::chunkFactors;
  private final Team.Task recurrentWeights = this::recurrentWeights;
  private final Team.Task chunkGradients = this::chunkGradients;
  private final Team.Task chunkInputWeights = this::chunkInputWeights;
  private final Team.Task chunkInputGradients = this::chunkInputGradients;
  private final Team.Task sumsByToken = this::sumsByToken;
  private final Team.Task tokenGradients = this::tokenGradients;

  /** Prepares for passes up to the capacity of a workspace, which is that of the products. */
  RecurrentLayer(RnnSpec spec, int layer, LayerProducts products, LayerWorkspace w, Team team) {
    this.layer = products;
    this.w = w;
    cell = spec.cell();
    inputSize = spec.layerInputSize(layer);
    double p = spec.dropout().weight();
    drop = p > 0 ? new Dropout.OfWeights(p, w.gateSize * w.hidden) : null;
    this.team = team;
  }

  void loadForward(float[] params) {
    layer.loadForward(params);
    dropped = false;
  }

  void loadBackward(float[] params) {
    layer.loadBackward(params);
  }

  /** Drops recurrent weights until the parameters are loaded again; before every training pass. */
  void dropWeights(float[] params, long key) {
    drop.draw(params, layer.recurrentWeightAt(), key);
    layer.loadRecurrentForward(drop.weights, 0);
    layer.loadRecurrentBackward(drop.weights, 0);
    dropped = true;
  }

  /** Takes back what {@link #dropWeights} dropped, for forward passes. */
  void restoreWeights(float[] params) {
    if (dropped) {
      layer.loadRecurrentForward(params, layer.recurrentWeightAt());
      dropped = false;
    }
  }

  /**
   * Returns the array that has the outputs {@code [N, H]}, behind the B states before the first.
   */
  float[] states() {
    return w.h;
  }

  long bytes() {
    return w.bytes() + (drop == null ? 0 : drop.bytes());
  }

  /**
   * Takes sequences to be run over. Their outputs will stand in {@link #states}.
   *
   * @param inputs {@code [N, D]} at {@code from}, or {@code [U, D]} for U inputs that occur more
   *     than once; those of a step need not be there before it is run
   * @param slots of every position its input among U, or null
   * @param state {@code [slots, B, H]} at {@code so} before the first step; null for zeros
   */
  void begin(
      float[] inputs, int from, int[] slots, int distinct, Packing packing, float[] state, int so) {
    w.setShape(packing);
    x = inputs;
    xo = from;
    w.slots = slots;
    w.distinctInputs = distinct;
    int size = w.rows * w.hidden;
    copyOrClear(state, so, w.h, size);
    if (w.c.length > 0) {
      copyOrClear(state, so + size, w.c, size);
    }
    if (slots != null) {
      team.run(tokenProducts);
    }
  }

  /** Runs over the steps {@code [from, to)}, which follow those that were run before. */
  void forward(int from, int to) {
    for (t0 = from; t0 < to; t0 = t1) {
      t1 = Math.min(to, w.chunkEnd(t0));
      if (w.slots == null) {
        team.run(chunkProducts);
      }
      team.run(steps);
    }
  }

  /** Copies the state after the last step of every sequence to {@code [slots, B, H]}. */
  void end(Packing packing, float[] state, int so) {
    for (int row = 0; row < w.rows; row++) {
      int end = w.stateAt(packing.length(row), row);
      System.arraycopy(w.h, end, state, so + row * w.hidden, w.hidden);
      if (w.c.length > 0) {
        System.arraycopy(w.c, end, state, so + (w.rows + row) * w.hidden, w.hidden);
      }
    }
  }

  /**
   * Returns what the units did over a sequence of the last forward pass, {@code [T, H]} by name, in
   * the order in which it was read.
   */
  Map<String, float[]> activations(int row, int length) {
    Map<String, float[]> values = new LinkedHashMap<>();
    List<String> names = cell.gateNames();
    for (int g = 0; g < names.size(); g++) {
      int gate = g * w.hidden;
      values.put(names.get(g), collect(length, w.gates, t -> w.gateAt(t, row) + gate));
    }
    if (w.c.length > 0) {
      values.put(CellTrace.CELL, collect(length, w.c, t -> w.stateAt(t + 1, row)));
    }
    values.put(CellTrace.STATE, collect(length, w.h, t -> w.stateAt(t + 1, row)));
    return values;
  }

  private float[] collect(int length, float[] from, IntUnaryOperator at) {
    float[] values = new float[length * w.hidden];
    for (int t = 0; t < length; t++) {
      System.arraycopy(from, at.applyAsInt(t), values, t * w.hidden, w.hidden);
    }
    return values;
  }

  private static void copyOrClear(float[] from, int at, float[] to, int size) {
    if (from == null) {
      Arrays.fill(to, 0, size, 0f);
    } else {
      System.arraycopy(from, at, to, 0, size);
    }
  }

  private void tokenProducts(int part, int parts) {
    int first = Team.start(w.distinctInputs, part, parts);
    int n = Team.start(w.distinctInputs, part + 1, parts) - first;
    layer.inputProducts(n, x, xo + first * inputSize, w.distinct, first * w.gateSize);
  }

  private void chunkProducts(int part, int parts) {
    int first = w.offsets[t0] + Team.start(positions(), part, parts);
    int n = w.offsets[t0] + Team.start(positions(), part + 1, parts) - first;
    layer.inputProducts(n, x, xo + first * inputSize, w.gates, first * w.gateSize);
  }

  private int positions() {
    return w.offsets[t1] - w.offsets[t0];
  }

  private void steps(int part, int parts) {
    int row = Team.start(w.rowsAt(t0), part, parts);
    int last = Team.start(w.rowsAt(t0), part + 1, parts);
    for (int t = t0; t < t1 && row < w.rowsAt(t); t++) {
      int end = Math.min(last, w.rowsAt(t));
      if (w.slots != null) {
        copyTokenProducts(t, row, end);
      }
      layer.recurrentProducts(t, row, end);
      cell.forward(w.cellStep(part, t, row, end));
    }
  }

  private void copyTokenProducts(int t, int row, int end) {
    for (int i = w.offsets[t] + row; i < w.offsets[t] + end; i++) {
      int from = w.slots[i] * w.gateSize;
      System.arraycopy(w.distinct, from, w.gates, i * w.gateSize, w.gateSize);
    }
  }

  /**
   * Takes the gradients from above of the sequences that were run over.
   *
   * @param outputGradient gradient of the outputs {@code [N, H]}; that of a step need not be there
   *     before it is run back over
   * @param inputGradient set to the gradient of the inputs, as they were given, or null when nobody
   *     needs it
   * @param dState gradient of the state after the sequences {@code [slots, B, H]} at {@code dso},
   *     replaced at the end by that of the state before them; null for zeros and nobody who wants
   *     it
   * @param into what the parameters' gradients are added to
   */
  void beginBackward(
      float[] outputGradient, float[] inputGradient, float[] dState, int dso, Gradient into) {
    dy = outputGradient;
    dx = inputGradient;
    gradient = into.values();
    target = into;
    stateGradient = dState;
    stateGradientAt = dso;
    if (w.c.length > 0) {
      copyOrClear(dState, dso + w.rows * w.hidden, w.dc, w.rows * w.hidden);
    }
    if (w.slots != null) {
      Arrays.fill(w.distinct, 0, w.distinctInputs * w.gateSize, 0f);
    }
  }

  /** Runs back over all steps, from the last to the first, to the end. */
  void backward() {
    for (t1 = w.steps; t1 > 0; t1 = t0) {
      t0 = w.chunkStart(t1);
      team.run(stepsBack);
      recurrentWeightGradients();
      if (w.slots == null) {
        add = layer.claimInputWeights(target);
        team.run(chunkGradients);
      } else {
        team.run(sumsByToken);
      }
    }
    if (w.slots != null && w.distinctInputs > 0) {
      w.inputs.pack(x, xo, inputSize, w.distinctInputs, inputSize);
      add = layer.claimInputWeights(target);
      team.run(tokenGradients);
    }
    finishBackward();
  }

  /**
   * Runs back over one step of sequences whose inputs were given by position: afterwards its part
   * of the inputs' gradient is there.
   */
  void stepBack(int t) {
    t0 = t;
    t1 = t + 1;
    team.run(stepsBack);
    team.run(chunkInputGradients);
  }

  /** Makes the gradients of the weights, after {@link #stepBack} of all steps. */
  void endBackward() {
    for (t1 = w.steps; t1 > 0; t1 = t0) {
      t0 = w.chunkStart(t1);
      recurrentWeightGradients();
      add = layer.claimInputWeights(target);
      team.run(chunkInputWeights);
    }
    finishBackward();
  }

  private void recurrentWeightGradients() {
    w.states.reserve(positions(), w.hidden);
    if (w.slots == null) {
      w.inputs.reserve(positions(), inputSize);
    }
    team.run(chunkFactors);
    claimRecurrentWeights(target);
    team.run(recurrentWeights);
  }

  private void finishBackward() {
    if (dropped) {
      drop.addTo(target, layer.recurrentWeightAt());
    }
    if (stateGradient != null) {
      // Of a sequence without a step it stays as it is.
      int rows = w.rowsAt(0) * w.hidden;
      System.arraycopy(w.stateGradient(0), 0, stateGradient, stateGradientAt, rows);
      if (w.c.length > 0) {
        int size = w.rows * w.hidden;
        System.arraycopy(w.dc, 0, stateGradient, stateGradientAt + size, size);
      }
    }
  }

  /** The gradient of dropped weights is made apart, since the mask applies to it as well. */
  private void claimRecurrentWeights(Gradient into) {
    if (dropped) {
      layer.claimRecurrentBias(into);
      add = t1 < w.steps;
      recurrentGradient = drop.gradient;
      recurrentGradientAt = 0;
    } else {
      add = layer.claimRecurrentWeights(into);
      recurrentGradient = gradient;
      recurrentGradientAt = layer.recurrentWeightAt();
    }
  }

  private void stepsBack(int part, int parts) {
    int row = Team.start(w.rowsAt(t0), part, parts);
    int last = Team.start(w.rowsAt(t0), part + 1, parts);
    for (int t = t1 - 1; t >= t0; t--) {
      int end = Math.min(last, w.rowsAt(t));
      if (row < end) {
        beginRows(t, Math.max(row, w.rowsAt(t + 1)), end);
        float[] dh = w.stateGradient(t + 1);
        CellStep step = w.cellStep(part, t, row, end);
        cell.backward(step.take(dy, dh, w.stateGradient(t), w.dc, row));
        layer.recurrentGradient(t, row, end);
      }
    }
  }

  /** Takes the gradient of the state from above for the rows whose last step is t. */
  private void beginRows(int t, int row, int end) {
    float[] after = w.stateGradient(t + 1);
    int at = row * w.hidden;
    int n = (end - row) * w.hidden;
    if (n > 0 && stateGradient == null) {
      Arrays.fill(after, at, at + n, 0f);
    } else if (n > 0) {
      System.arraycopy(stateGradient, stateGradientAt + at, after, at, n);
    }
  }

  /** Packs the inputs and the states before each step of the chunk, each thread some positions. */
  private void chunkFactors(int part, int parts) {
    int from = Team.start(positions(), part, parts);
    int to = Team.start(positions(), part + 1, parts);
    packStates(from, to);
    if (w.slots == null) {
      w.inputs.packRows(x, xo + w.offsets[t0] * inputSize, inputSize, from, to);
    }
  }

  /**
   * Packs the states before some positions of the chunk. Where a step has fewer rows than the one
   * before it, the states of the rows that ended are left out.
   */
  private void packStates(int from, int to) {
    for (int t = t0, next; t < t1; t = next) {
      int at = firstState(t);
      next = t + 1;
      while (next < t1 && firstState(next) == at) {
        next++;
      }
      int first = Math.max(from, w.offsets[t] - w.offsets[t0]);
      int end = Math.min(to, w.offsets[next] - w.offsets[t0]);
      if (first < end) {
        w.states.packRows(w.h, at, w.hidden, first, end);
      }
    }
  }

  /** Returns where the state before position 0 of the chunk were if as far off as in step t. */
  private int firstState(int t) {
    return w.stateAt(t, 0) - (w.offsets[t] - w.offsets[t0]) * w.hidden;
  }

  private void recurrentWeights(int part, int parts) {
    int n = positions();
    float[] weights = recurrentGradient;
    int at = recurrentGradientAt;
    layer.recurrentWeights(part, parts, t0, n, weights, at, gradient, add);
  }

  private void chunkGradients(int part, int parts) {
    chunkInputWeights(part, parts);
    chunkInputGradients(part, parts);
  }

  private void chunkInputWeights(int part, int parts) {
    layer.inputWeights(part, parts, w.gates, w.gateAt(t0, 0), positions(), gradient, add);
  }

  private void chunkInputGradients(int part, int parts) {
    inputGradient(part, parts, w.gates, w.offsets[t0], positions());
  }

  /** Adds the gradients of the chunk's products by token, each thread some columns of all. */
  private void sumsByToken(int part, int parts) {
    int from = Team.start(w.gateSize, part, parts);
    int n = Team.start(w.gateSize, part + 1, parts) - from;
    for (int i = w.offsets[t0]; i < w.offsets[t1]; i++) {
      Ops.add(w.gates, i * w.gateSize + from, w.distinct, w.slots[i] * w.gateSize + from, n);
    }
  }

  private void tokenGradients(int part, int parts) {
    int n = w.distinctInputs;
    layer.inputWeights(part, parts, w.distinct, 0, n, gradient, add);
    inputGradient(part, parts, w.distinct, 0, n);
  }

  /** Makes the gradients of a part of n inputs, of which the first is number {@code at}. */
  private void inputGradient(int part, int parts, float[] d, int at, int n) {
    if (dx != null) {
      int first = at + Team.start(n, part, parts);
      int count = at + Team.start(n, part + 1, parts) - first;
      layer.inputGradient(d, first * w.gateSize, count, dx, first * inputSize);
    }
  }
}
