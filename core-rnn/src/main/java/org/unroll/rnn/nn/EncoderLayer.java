// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/**
 * One layer of an {@link Encoder}: one or two recurrent layers side by side, what is added to their
 * output, its normalisation and its dropout. A layer that reads from the end is one that reads
 * mirrored sequences, and its output is mirrored back.
 */
final class EncoderLayer {
  private final Direction direction;
  private final int hidden;
  private final int inputSize;
  private final int width;
  private final boolean residual;
  private final boolean firstLayer;
  private final LayerNorm norm;
  private final SequenceDropout dropout;
  private final List<LayerRun> runs = new ArrayList<>();
  private final boolean dropsWeights;

  /** The layer's inputs {@code [N, D]} as one that reads from the end has them. */
  private final float[] mirrored;

  /** Of every position, mirrored, the input it has when inputs are given once a token. */
  private final int[] mirroredSlots;

  /**
   * The output {@code [N, W]}; empty for a single layer that reads forward with nothing behind it,
   * whose output is read where it stands.
   */
  private final float[] own;

  private float[] x;
  private int xo;
  private int[] slots;
  private int inputs;

  /**
   * @param dropoutBehind of the output, in training
   */
  EncoderLayer(
      EncoderSpec spec,
      int layer,
      ParamLayout layout,
      String prefix,
      Encoder.Capacity capacity,
      double dropoutBehind,
      Team team) {
    direction = spec.direction();
    hidden = spec.hiddenSize();
    inputSize = spec.layerInputSize(layer);
    width = spec.outputSize();
    firstLayer = layer == 0;
    residual = spec.residual() && !firstLayer;
    int positions = capacity.positions();
    int distinct = firstLayer ? capacity.distinct() : 0;
    dropsWeights = spec.dropout().weight() > 0;
    for (int d = 0; d < direction.count(); d++) {
      LayerSpec shape = spec.layer(layer);
      LayerWorkspace workspace =
          new LayerWorkspace(
              shape, positions, capacity.steps(), capacity.rows(), distinct, team.size());
      RecurrentLayer recurrent =
          new RecurrentLayer(shape, layout, prefix, "_l" + layer + direction.suffix(d));
      double weightDrop = spec.dropout().weight();
      runs.add(new LayerRun(recurrent, workspace, inputSize, weightDrop, team));
    }
    norm =
        spec.layerNorm()
            ? new LayerNorm(layout, normPrefix(prefix, layer), width, positions, team)
            : null;
    dropout =
        new SequenceDropout(
            dropoutBehind, spec.dropout().locked(), positions, capacity.rows(), width);
    boolean back = direction != Direction.FORWARD;
    boolean changes = back || residual || norm != null || dropout.isOn();
    own = new float[changes ? Math.multiplyExact(positions, width) : 0];
    mirrored = new float[back ? Math.multiplyExact(positions, inputSize) : 0];
    mirroredSlots = new int[back && distinct > 0 ? positions : 0];
  }

  private static String normPrefix(String prefix, int layer) {
    return prefix + "norm_l" + layer + ".";
  }

  static void layOut(EncoderSpec spec, int layer, String prefix, ParamLayout.Builder builder) {
    for (int d = 0; d < spec.direction().count(); d++) {
      spec.layer(layer).layOut(prefix, "_l" + layer + spec.direction().suffix(d), builder);
    }
    if (spec.layerNorm()) {
      LayerNorm.layOut(normPrefix(prefix, layer), spec.outputSize(), builder);
    }
  }

  void loadForward(float[] params) {
    runs.forEach(run -> run.loadForward(params));
  }

  void loadBackward(float[] params) {
    runs.forEach(run -> run.loadBackward(params));
  }

  /** The array of the outputs {@code [N, W]} of the last pass, */
  float[] output() {
    return own.length > 0 ? own : runs.get(0).workspace().h;
  }

  /** which begin here. */
  int outputOffset() {
    return own.length > 0 ? 0 : runs.get(0).workspace().rows * hidden;
  }

  /**
   * Runs over sequences.
   *
   * @param slots of every position its input among the first {@code distinct}, or null
   * @param state {@code [directions, slots, B, H]} at {@code so}, or null
   */
  void forward(
      float[] params,
      float[] inputs,
      int from,
      int[] slots,
      int distinct,
      Packing packing,
      float[] state,
      int so,
      boolean training,
      long key) {
    x = inputs;
    xo = from;
    this.slots = slots;
    this.inputs = slots == null ? packing.positions() : distinct;
    for (int d = 0; d < runs.size(); d++) {
      LayerRun run = runs.get(d);
      if (dropsWeights && training) {
        run.dropWeights(params, RandomBits.key(key, 1, d));
      } else if (dropsWeights) {
        run.restoreWeights(params);
      }
      int at = so + d * stateSize(packing.rows());
      if (direction.readsBack(d)) {
        runMirrored(run, distinct, packing, state, at);
      } else {
        run.forward(x, xo, slots, distinct, packing, state, at);
      }
    }
    finishOutput(params, packing, training, key);
  }

  private int stateSize(int rows) {
    return runs.get(0).workspace().c.length > 0 ? 2 * rows * hidden : rows * hidden;
  }

  private void runMirrored(LayerRun run, int distinct, Packing packing, float[] state, int so) {
    if (slots == null) {
      packing.mirror(x, xo, mirrored, 0, inputSize);
      run.forward(mirrored, 0, null, 0, packing, state, so);
      return;
    }
    for (int p = 0; p < packing.positions(); p++) {
      mirroredSlots[p] = slots[packing.mirror()[p]];
    }
    run.forward(x, xo, mirroredSlots, distinct, packing, state, so);
  }

  private void finishOutput(float[] params, Packing packing, boolean training, long key) {
    if (own.length == 0) {
      return;
    }
    int n = packing.positions();
    for (int d = 0; d < runs.size(); d++) {
      float[] h = runs.get(d).workspace().h;
      int first = packing.rows() * hidden;
      for (int p = 0; p < n; p++) {
        int from = direction.readsBack(d) ? packing.mirror()[p] : p;
        System.arraycopy(h, first + from * hidden, own, p * width + d * hidden, hidden);
      }
    }
    if (residual) {
      Ops.add(x, xo, own, 0, n * width);
    }
    if (norm != null) {
      norm.forward(params, own, n);
    }
    if (training && dropout.isOn()) {
      dropout.draw(RandomBits.key(key, 2), packing);
      dropout.apply(own, 0, packing);
    }
  }

  /**
   * Runs back over the sequences of the last training pass.
   *
   * @param dy gradient of the outputs {@code [N, W]}; overwritten
   * @param dx set to the gradient of the inputs, or null when nobody needs it
   * @param dState gradient of the state after the sequences {@code [directions, slots, B, H]} at
   *     {@code dso}, replaced by that of the state before them; or null
   */
  void backward(
      float[] dy,
      float[] dx,
      Packing packing,
      float[] dState,
      int dso,
      Encoder.Scratch scratch,
      Gradient gradient) {
    int n = packing.positions();
    if (dropout.isOn()) {
      dropout.apply(dy, 0, packing);
    }
    if (norm != null) {
      norm.backward(dy, n, gradient);
    }
    for (int d = 0; d < runs.size(); d++) {
      LayerRun run = runs.get(d);
      int at = dso + d * stateSize(packing.rows());
      boolean back = direction.readsBack(d);
      float[] part = dy;
      if (back || runs.size() > 1) {
        part = scratch.output();
        takePart(dy, d, back, packing, part);
      }
      if (!back) {
        run.backward(part, dx, dState, at, gradient);
      } else {
        run.backward(part, dx == null ? null : scratch.input(), dState, at, gradient);
        addMirrored(scratch.input(), dx, d > 0, packing);
      }
    }
    if (residual && dx != null) {
      Ops.add(dy, 0, dx, 0, n * width);
    }
  }

  /** The columns of one direction {@code [N, H]}, as its layer saw them. */
  private void takePart(float[] dy, int d, boolean back, Packing packing, float[] to) {
    for (int p = 0; p < packing.positions(); p++) {
      int from = back ? packing.mirror()[p] : p;
      System.arraycopy(dy, from * width + d * hidden, to, p * hidden, hidden);
    }
  }

  private void addMirrored(float[] from, float[] dx, boolean add, Packing packing) {
    if (dx == null) {
      return;
    }
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
    return runs.stream().mapToLong(run -> run.workspace().bytes()).sum()
        + (norm == null ? 0 : norm.bytes())
        + 4L * (mirrored.length + mirroredSlots.length + own.length);
  }
}
