// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.Team;

/**
 * The products of a layer are its arithmetic but for the {@link CellType}, in the pieces that
 * {@link RecurrentLayer} puts together: products with the inputs' weights for any number of
 * positions, recurrent products for some rows of a step, and their gradients. Its numbers are in
 * the flat parameter vector and in a {@link LayerWorkspace}.
 */
final class LayerProducts {
  private final LayerWorkspace w;
  private final CellType cell;
  private final int inputSize;
  private final int hidden;
  private final int gateSize;
  private final int inputWeight;
  private final int recurrentWeight;

  // Offsets of the biases, or -1.
  private final int inputBias;
  private final int recurrentBias;

  LayerProducts(
      RnnSpec spec, int layer, int direction, ParamLayout layout, String prefix, LayerWorkspace w) {
    this.w = w;
    String suffix = spec.suffix(layer, direction);
    cell = spec.cell();
    inputSize = spec.layerInputSize(layer);
    hidden = spec.hiddenSize(layer);
    gateSize = spec.gateSize(layer);
    inputWeight = layout.get(prefix + "weight_ih" + suffix).offset();
    recurrentWeight = layout.get(prefix + "weight_hh" + suffix).offset();
    inputBias = spec.bias() ? layout.get(prefix + "bias_ih" + suffix).offset() : -1;
    recurrentBias = spec.bias() ? layout.get(prefix + "bias_hh" + suffix).offset() : -1;
  }

  /** Packs the weights for forward passes. */
  void loadForward(float[] params) {
    w.inputForward.packTransposed(params, inputWeight, inputSize, gateSize, inputSize);
    loadRecurrentForward(params, recurrentWeight);
    if (inputBias >= 0) {
      loadBias(params);
    }
  }

  /** Packs the recurrent weights {@code [G H, H]} at {@code from} for forward passes. */
  void loadRecurrentForward(float[] weights, int from) {
    for (CellType.Block block : cell.blocks()) {
      int at = from + block.firstGate() * hidden * hidden;
      w.recurrentForward[block.firstGate()].packTransposed(
          weights, at, hidden, block.gates() * hidden, hidden);
    }
  }

  private void loadBias(float[] params) {
    for (CellType.Block block : cell.blocks()) {
      int first = block.firstGate() * hidden;
      for (int i = first; i < first + block.gates() * hidden; i++) {
        float recurrent = params[recurrentBias + i];
        w.bias[i] = params[inputBias + i] + (block.apart() ? 0 : recurrent);
        w.apartBias[i] = recurrent;
      }
    }
  }

  /** Packs the weights for backward passes. */
  void loadBackward(float[] params) {
    w.inputBackward.pack(params, inputWeight, inputSize, gateSize, inputSize);
    loadRecurrentBackward(params, recurrentWeight);
  }

  /** Packs the recurrent weights {@code [G H, H]} at {@code from} for backward passes. */
  void loadRecurrentBackward(float[] weights, int from) {
    for (CellType.Block block : cell.blocks()) {
      int at = from + block.firstGate() * hidden * hidden;
      w.recurrentBackward[block.firstGate()].pack(
          weights, at, hidden, block.gates() * hidden, hidden);
    }
  }

  /** Returns where the recurrent weights {@code [G H, H]} begin. */
  int recurrentWeightAt() {
    return recurrentWeight;
  }

  /** Makes {@code to = W_ih x + biases} for n inputs x, as rows of {@code [n, G H]}. */
  void inputProducts(int n, float[] x, int xo, float[] to, int at) {
    Ops.gemmWithBias(n, x, xo, inputSize, w.inputForward, w.bias, 0, to, at, gateSize);
  }

  /** Adds the recurrent products of rows [row, end) at step t. */
  void recurrentProducts(int t, int row, int end) {
    int n = end - row;
    int h = w.stateAt(t, row);
    for (CellType.Block block : cell.blocks()) {
      PackedMatrix weights = w.recurrentForward[block.firstGate()];
      if (block.apart()) {
        int bias = block.firstGate() * hidden;
        int to = w.candidateAt(t, row);
        Ops.gemmWithBias(n, w.h, h, hidden, weights, w.apartBias, bias, w.candidate, to, hidden);
      } else {
        int gates = w.gateAt(t, row) + block.firstGate() * hidden;
        Ops.gemm(n, w.h, h, hidden, weights, w.gates, gates, gateSize, true);
      }
    }
  }

  /** Makes the gradient of the states of rows [row, end) before step t. */
  void recurrentGradient(int t, int row, int end) {
    float[] dh = w.stateGradient(t);
    int at = row * hidden;
    for (CellType.Block block : cell.blocks()) {
      boolean add = block.firstGate() > 0 || cell.passesGradient();
      PackedMatrix weights = w.recurrentBackward[block.firstGate()];
      float[] d = block.apart() ? w.candidate : w.gates;
      int from =
          block.apart() ? w.candidateAt(t, row) : w.gateAt(t, row) + block.firstGate() * hidden;
      int stride = block.apart() ? hidden : gateSize;
      Ops.gemm(end - row, d, from, stride, weights, dh, at, hidden, add);
    }
  }

  /** Makes the gradients of the inputs' weight and bias ready; returns whether to add to them. */
  boolean claimInputWeights(Gradient gradient) {
    claimBias(gradient, inputBias);
    return gradient.claim(inputWeight, inputWeight + gateSize * inputSize);
  }

  /** Makes the gradients of recurrent weight and bias ready; returns whether to add to them. */
  boolean claimRecurrentWeights(Gradient gradient) {
    claimRecurrentBias(gradient);
    return gradient.claim(recurrentWeight, recurrentWeight + gateSize * hidden);
  }

  /** Makes the gradient of the recurrent bias ready. */
  void claimRecurrentBias(Gradient gradient) {
    claimBias(gradient, recurrentBias);
  }

  private void claimBias(Gradient gradient, int bias) {
    if (bias >= 0) {
      gradient.addTo(bias, bias + gateSize);
    }
  }

  /**
   * Makes a part of the gradient {@code dW_ih = d^T x} of the inputs' weights from those of n
   * products {@code d [n, G H]} with the inputs {@code w.inputs}.
   */
  void inputWeights(
      int part, int parts, float[] d, int from, int n, float[] gradient, boolean add) {
    int first = Team.start(gateSize, part, parts);
    int size = Team.start(gateSize, part + 1, parts) - first;
    w.left[part].pack(d, from + first, gateSize, n, size);
    int at = inputWeight + first * inputSize;
    Ops.gemm(w.left[part], w.inputs, gradient, at, inputSize, add);
    addSums(d, from + first, gateSize, n, size, gradient, inputBias + first);
  }

  /**
   * Makes a part of the gradient {@code dW_hh = d^T h} of the recurrent weights over n positions
   * from step t0 on, with the states h before each.
   *
   * @param weights what the gradient of the weights is written to, from {@code weightsAt} on
   * @param gradient what that of the bias is added to
   */
  void recurrentWeights(
      int part,
      int parts,
      int t0,
      int n,
      float[] weights,
      int weightsAt,
      float[] gradient,
      boolean add) {
    for (CellType.Block block : cell.blocks()) {
      int all = block.gates() * hidden;
      int start = Team.start(all, part, parts);
      int size = Team.start(all, part + 1, parts) - start;
      int first = block.firstGate() * hidden + start;
      float[] d = block.apart() ? w.candidate : w.gates;
      int from = block.apart() ? w.candidateAt(t0, 0) + start : w.gateAt(t0, 0) + first;
      int stride = block.apart() ? hidden : gateSize;
      w.left[part].pack(d, from, stride, n, size);
      int at = weightsAt + first * hidden;
      Ops.gemm(w.left[part], w.states, weights, at, hidden, add);
      addSums(d, from, stride, n, size, gradient, recurrentBias + first);
    }
  }

  private void addSums(
      float[] d, int from, int stride, int n, int size, float[] gradient, int bias) {
    if (inputBias >= 0) {
      Ops.addColumnSums(d, from, stride, n, size, gradient, bias);
    }
  }

  /**
   * Makes the gradient {@code d W_ih} of n inputs from that of their products {@code d [n, G H]}.
   */
  void inputGradient(float[] d, int from, int n, float[] dx, int dxo) {
    Ops.gemm(n, d, from, gateSize, w.inputBackward, dx, dxo, inputSize, false);
  }
}
