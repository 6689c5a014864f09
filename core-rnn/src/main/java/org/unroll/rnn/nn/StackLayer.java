// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/**
 * One layer of an {@link RnnStack} is one or two recurrent layers side by side, what is added to
 * their output, its normalisation and its dropout. A layer that reads from the end is one that
 * reads mirrored sequences, and its output is mirrored back.
 */
final class StackLayer {
  private final RnnSpec spec;
  private final int layer;
  private final Direction direction;
  private final int hidden;
  private final int inputSize;
  private final int width;
  private final boolean residual;
  private final LayerNorm norm;
  private final Dropout.OfSequences dropout;
  private final List<RecurrentLayer> runs = new ArrayList<>();
  private final boolean dropsWeights;

  /** The layer's inputs {@code [N, D]} as one that reads from the end has them. */
  private final float[] mirrored;

  /** The input of every position, mirrored, when inputs are given once a token. */
  private final int[] mirroredSlots;

  /**
   * The output {@code [N, W]}; empty for a single layer that reads forward with nothing behind it,
   * whose output is read where it stands.
   */
  private final float[] own;

  // The pass at work.
  private float[] params;
  private Packing packing;
  private boolean training;
  private float[] x;
  private int xo;
  private int[] slots;
  private int inputs;
  private float[] dy;
  private float[] dx;

  /** Allocates for passes up to a capacity. */
  StackLayer(
      RnnSpec spec,
      int layer,
      ParamLayout layout,
      String prefix,
      RnnStack.Capacity capacity,
      Team team) {
    this.spec = spec;
    this.layer = layer;
    direction = spec.direction();
    hidden = spec.hiddenSize(layer);
    inputSize = spec.layerInputSize(layer);
    width = spec.outputSize(layer);
    residual = spec.residual() && layer > 0;
    dropsWeights = spec.dropout().weight() > 0;
    int positions = capacity.positions();
    for (int d = 0; d < direction.count(); d++) {
      LayerWorkspace w = new LayerWorkspace(spec, layer, capacity, team.size());
      LayerProducts products = new LayerProducts(spec, layer, d, layout, prefix, w);
      runs.add(new RecurrentLayer(spec, layer, products, w, team));
    }
    norm =
        spec.layerNorm()
            ? new LayerNorm(layout, normPrefix(prefix, layer), width, positions, team)
            : null;
    boolean last = layer == spec.layers() - 1;
    DropoutSpec drop = spec.dropout();
    double p = last ? drop.output() : drop.between();
    dropout = new Dropout.OfSequences(p, drop.locked(), positions, capacity.rows(), width);
    boolean back = direction != Direction.FORWARD;
    boolean changes = back || residual || norm != null || dropout.isOn();
    own = new float[changes ? Math.multiplyExact(positions, width) : 0];
    mirrored = new float[back ? Math.multiplyExact(positions, inputSize) : 0];
    mirroredSlots = new int[back && layer == 0 && capacity.distinct() > 0 ? positions : 0];
  }

  private static String normPrefix(String prefix, int layer) {
    return prefix + "norm_l" + layer + ".";
  }

  /** Appends the parameters of a layer in every direction, with PyTorch's names behind a prefix. */
  static void layOut(RnnSpec spec, int layer, String prefix, ParamLayout.Builder builder) {
    int rows = spec.gateSize(layer);
    int inputs = spec.layerInputSize(layer);
    for (int d = 0; d < spec.direction().count(); d++) {
      String suffix = spec.suffix(layer, d);
      builder.add(prefix + "weight_ih" + suffix, Param.Role.INPUT_WEIGHT, rows, inputs);
      int hidden = spec.hiddenSize(layer);
      builder.add(prefix + "weight_hh" + suffix, Param.Role.RECURRENT_WEIGHT, rows, hidden);
      if (spec.bias()) {
        builder.add(prefix + "bias_ih" + suffix, Param.Role.INPUT_BIAS, rows);
        builder.add(prefix + "bias_hh" + suffix, Param.Role.RECURRENT_BIAS, rows);
      }
    }
    if (spec.layerNorm()) {
      LayerNorm.layOut(normPrefix(prefix, layer), spec.outputSize(layer), builder);
    }
  }

  void loadForward(float[] params) {
    runs.forEach(run -> run.loadForward(params));
  }

  void loadBackward(float[] params) {
    runs.forEach(run -> run.loadBackward(params));
  }

  /** Returns the array that holds the outputs {@code [N, W]} of the last pass. */
  float[] output() {
    return own.length > 0 ? own : runs.get(0).states();
  }

  /** Returns where the outputs of the last pass begin in {@link #output}. */
  int outputOffset() {
    return own.length > 0 ? 0 : packing.rows() * hidden;
  }

  /**
   * Takes sequences to be run over; for a layer that reads from the end their inputs must be there.
   *
   * @param tokens the tokens when the inputs are given once for each, or null
   * @param state of all layers, or null
   */
  void begin(
      float[] params,
      float[] inputs,
      int from,
      DistinctTokens tokens,
      Packing packing,
      float[] state,
      boolean training,
      long key) {
    this.params = params;
    this.packing = packing;
    this.training = training;
    x = inputs;
    xo = from;
    slots = tokens == null ? null : tokens.slots();
    this.inputs = tokens == null ? packing.positions() : tokens.count();
    if (training && dropout.isOn()) {
      dropout.draw(RandomBits.key(key, 2), packing);
    }
    for (int d = 0; d < runs.size(); d++) {
      RecurrentLayer run = runs.get(d);
      if (dropsWeights && training) {
        run.dropWeights(params, RandomBits.key(key, 1, d));
      } else if (dropsWeights) {
        run.restoreWeights(params);
      }
      if (!direction.readsBack(d)) {
        run.begin(x, xo, slots, this.inputs, packing, state, stateAt(d));
      } else if (slots == null) {
        packing.mirror(x, xo, mirrored, 0, inputSize);
        run.begin(mirrored, 0, null, 0, packing, state, stateAt(d));
      } else {
        for (int p = 0; p < packing.positions(); p++) {
          mirroredSlots[p] = slots[packing.mirror()[p]];
        }
        run.begin(x, xo, mirroredSlots, this.inputs, packing, state, stateAt(d));
      }
    }
  }

  /** Returns where the state of a direction begins in that of all layers. */
  private int stateAt(int d) {
    int rows = packing.rows();
    return spec.stateOffset(layer, rows) + d * spec.cell().stateSlots() * rows * hidden;
  }

  /**
   * Runs over the steps {@code [from, to)}: all of them, or, of a layer that reads forward, some
   * that follow those before.
   */
  void forward(int from, int to) {
    runs.forEach(run -> run.forward(from, to));
    if (own.length == 0) {
      return;
    }
    int first = packing.at(from);
    int end = packing.at(to);
    for (int d = 0; d < runs.size(); d++) {
      float[] h = runs.get(d).states();
      int outputs = packing.rows() * hidden;
      for (int p = first; p < end; p++) {
        int read = direction.readsBack(d) ? packing.mirror()[p] : p;
        System.arraycopy(h, outputs + read * hidden, own, p * width + d * hidden, hidden);
      }
    }
    if (residual) {
      Ops.add(x, xo + first * width, own, first * width, (end - first) * width);
    }
    if (norm != null) {
      norm.forward(params, own, first, end - first);
    }
    if (training && dropout.isOn()) {
      dropout.apply(own, packing, from, to);
    }
  }

  /** Returns what each direction did over a sequence of the last forward pass. */
  List<CellTrace> traces(int row) {
    int steps = packing.length(row);
    List<CellTrace> traces = new ArrayList<>();
    for (int d = 0; d < runs.size(); d++) {
      boolean back = direction.readsBack(d);
      Map<String, float[]> values = runs.get(d).activations(row, steps);
      if (back) {
        values.replaceAll((name, read) -> reversed(read));
      }
      traces.add(new CellTrace(layer, back, spec.cell(), steps, hidden, values));
    }
    return traces;
  }

  private float[] reversed(float[] steps) {
    float[] turned = new float[steps.length];
    for (int at = 0; at < steps.length; at += hidden) {
      System.arraycopy(steps, at, turned, steps.length - hidden - at, hidden);
    }
    return turned;
  }

  /** Copies the state after the last step of every sequence to its place in that of all layers. */
  void end(float[] state) {
    for (int d = 0; d < runs.size(); d++) {
      runs.get(d).end(packing, state, stateAt(d));
    }
  }

  /**
   * Runs back over the sequences of the last training pass.
   *
   * @param dy gradient of the outputs {@code [N, W]}; overwritten
   * @param dx set to the gradient of the inputs, or null when nobody needs it
   * @param dState gradient of the state of all layers after the sequences, of which its own is
   *     replaced by that of the state before them; or null
   */
  void backward(float[] dy, float[] dx, float[] dState, RnnStack.Scratch scratch, Gradient into) {
    this.dy = dy;
    this.dx = dx;
    outputBack(0, packing.steps(), into);
    for (int d = 0; d < runs.size(); d++) {
      RecurrentLayer run = runs.get(d);
      boolean back = direction.readsBack(d);
      float[] part = dy;
      if (back || runs.size() > 1) {
        part = scratch.output();
        takePart(d, back, part);
      }
      float[] below = back && dx != null ? scratch.input() : dx;
      run.beginBackward(part, below, dState, stateAt(d), into);
      run.backward();
      if (back && dx != null) {
        addMirrored(below, d > 0);
      }
    }
    addResidual(0, packing.steps());
  }

  /** Undoes dropout and normalisation of the outputs of some steps. */
  private void outputBack(int from, int to, Gradient into) {
    if (dropout.isOn()) {
      dropout.apply(dy, packing, from, to);
    }
    if (norm != null) {
      norm.backward(dy, packing.at(from), packing.at(to) - packing.at(from), into);
    }
  }

  private void addResidual(int from, int to) {
    if (residual && dx != null) {
      int first = packing.at(from) * width;
      Ops.add(dy, first, dx, first, packing.at(to) * width - first);
    }
  }

  /** Takes the gradients that {@link #stepBack} reads and writes step by step. */
  void beginBackward(float[] dy, float[] dx, float[] dState, Gradient into) {
    this.dy = dy;
    this.dx = dx;
    runs.get(0).beginBackward(dy, dx, dState, stateAt(0), into);
  }

  /** Runs back over one step of a layer that reads forward. */
  void stepBack(int t, Gradient into) {
    outputBack(t, t + 1, into);
    runs.get(0).stepBack(t);
    addResidual(t, t + 1);
  }

  /** Makes the gradients of the weights after {@link #stepBack} of all steps. */
  void endBackward() {
    runs.get(0).endBackward();
  }

  /** Takes the columns of one direction {@code [N, H]}, as its layer saw them. */
  private void takePart(int d, boolean back, float[] to) {
    for (int p = 0; p < packing.positions(); p++) {
      int from = back ? packing.mirror()[p] : p;
      System.arraycopy(dy, from * width + d * hidden, to, p * hidden, hidden);
    }
  }

  private void addMirrored(float[] from, boolean add) {
    for (int p = 0; p < inputs; p++) {
      int at = (slots == null ? packing.mirror()[p] : p) * inputSize;
      if (add) {
        Ops.add(from, at, dx, p * inputSize, inputSize);
      } else {
        System.arraycopy(from, at, dx, p * inputSize, inputSize);
      }
    }
  }

  long bytes() {
    return runs.stream().mapToLong(RecurrentLayer::bytes).sum()
        + (norm == null ? 0 : norm.bytes())
        + dropout.bytes()
        + 4L * (mirrored.length + mirroredSlots.length + own.length);
  }
}
