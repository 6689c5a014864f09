// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.stream.Stream;
import org.unroll.rnn.math.CellStep;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.Packing;

/**
 * A workspace holds the buffers of a {@link RecurrentLayer}: packed weights, what forward leaves
 * for backward, and scratch. For T steps of B rows the activations take {@code T B (G H) + (T+1) B
 * H} floats, for the LSTM {@code (T+1) B H} more for c, for the GRU {@code T B H} more for the
 * candidate's recurrent product; gradients replace activations in place. Of packed sequences only
 * the N steps that there are stand here, instead of T B.
 */
final class LayerWorkspace {
  private static final int CHUNK_ROWS = 512;

  final int hidden;
  final int gateSize;

  /** The rows B of the current window. */
  int rows;

  /** The steps T of the current window. */
  int steps;

  /** The first position of every step, and the end of the last {@code [T + 1]}. */
  int[] offsets;

  /** The input of every position when inputs are given once a token, or null. */
  int[] slots;

  /** The number of inputs that are given once a token. */
  int distinctInputs;

  /** Products of the distinct inputs with their weights, then their gradients {@code [U, G H]}. */
  final float[] distinct;

  /** The activations, then their gradients, {@code [T, B, G H]}. */
  final float[] gates;

  /** The hidden state before and after every step, {@code [T + 1, B, H]}. */
  final float[] h;

  /** The LSTM's cell state before and after every step, {@code [T + 1, B, H]}. */
  final float[] c;

  /** The GRU's recurrent product of n, then its gradient, {@code [T, B, H]}. */
  final float[] candidate;

  /** The gradients of the states {@code [B, H]} before and behind the step at work, by turns. */
  private final float[][] stateGradients;

  /** The gradient of the LSTM's cell state, {@code [B, H]}. */
  final float[] dc;

  /**
   * The biases of the gates {@code [G H]}: both summed, but for a gate that is kept apart only the
   * input's.
   */
  final float[] bias;

  /** The biases of the recurrent products that are kept apart, by gate {@code [G H]}. */
  final float[] apartBias;

  /** Each thread's step of the cell. */
  private final CellStep[] cellSteps;

  /** The matrix W_ih^T, for the products of the inputs. */
  final PackedMatrix inputForward = new PackedMatrix();

  /** The matrix W_ih, for the gradient of the inputs. */
  final PackedMatrix inputBackward = new PackedMatrix();

  /** The matrix W_hh^T by block of gates, at the first gate of each. */
  final PackedMatrix[] recurrentForward;

  /** The matrix W_hh by block of gates, at the first gate of each. */
  final PackedMatrix[] recurrentBackward;

  /** Each thread's gates over some steps, a factor of the weights' gradients. */
  final PackedLeft[] left;

  /** The inputs of some steps, a factor of the gradient of W_ih. */
  final PackedMatrix inputs = new PackedMatrix();

  /** The states before some steps, a factor of the gradient of W_hh. */
  final PackedMatrix states = new PackedMatrix();

  private final int inputSize;
  private final int maxChunk;

  /** Allocates for one direction of a layer and for passes up to a capacity. */
  LayerWorkspace(RnnSpec spec, int layer, RnnStack.Capacity capacity, int threads) {
    CellType type = spec.cell();
    int positions = capacity.positions();
    int maxRows = capacity.rows();
    int maxDistinct = layer == 0 ? capacity.distinct() : 0;
    hidden = spec.hiddenSize(layer);
    gateSize = spec.gateSize(layer);
    inputSize = spec.layerInputSize(layer);
    maxChunk = Math.max(maxDistinct, Math.min(positions, Math.max(CHUNK_ROWS, maxRows)));
    int state = Math.multiplyExact(Math.addExact(positions, maxRows), hidden);
    gates = new float[Math.multiplyExact(positions, gateSize)];
    distinct = new float[Math.multiplyExact(maxDistinct, gateSize)];
    h = new float[state];
    c = new float[type == CellType.LSTM ? state : 0];
    candidate = new float[type == CellType.GRU ? positions * hidden : 0];
    stateGradients = new float[2][maxRows * hidden];
    dc = new float[type == CellType.LSTM ? maxRows * hidden : 0];
    cellSteps = new CellStep[threads];
    Arrays.setAll(cellSteps, i -> new CellStep(type.gates(), hidden, gates, h, c, candidate));
    left = new PackedLeft[threads];
    Arrays.setAll(left, i -> new PackedLeft());
    bias = new float[gateSize];
    apartBias = new float[gateSize];
    recurrentForward = new PackedMatrix[type.gates()];
    recurrentBackward = new PackedMatrix[type.gates()];
    for (CellType.Block block : type.blocks()) {
      recurrentForward[block.firstGate()] = new PackedMatrix();
      recurrentBackward[block.firstGate()] = new PackedMatrix();
    }
  }

  /** Takes the shape of packed sequences. */
  void setShape(Packing packing) {
    steps = packing.steps();
    rows = packing.rows();
    offsets = packing.offsets();
  }

  /** Returns how many rows have a step t. */
  int rowsAt(int t) {
    return t < steps ? offsets[t + 1] - offsets[t] : 0;
  }

  /** Returns where the gates of a row of step t begin. */
  int gateAt(int t, int row) {
    return (offsets[t] + row) * gateSize;
  }

  /**
   * Returns where the state of a row before step t begins: behind the B first states stand those of
   * each step.
   */
  int stateAt(int t, int row) {
    return (t == 0 ? row : rows + offsets[t - 1] + row) * hidden;
  }

  /** Returns a thread's step of the cell, moved to the rows [row, end) of step t. */
  CellStep cellStep(int part, int t, int row, int end) {
    return cellSteps[part].move(end - row, offsets[t] + row, stateAt(t, row), stateAt(t + 1, row));
  }

  /** Returns where the candidate of a row of step t begins. */
  int candidateAt(int t, int row) {
    return (offsets[t] + row) * hidden;
  }

  /**
   * Returns the end of the steps whose products with the inputs' weights are made at a time, from
   * t0: enough rows for a large product, few enough that their gates are still in the cache when
   * the next reader comes.
   */
  int chunkEnd(int t0) {
    int end = t0 + 1;
    while (end < steps && offsets[end + 1] - offsets[t0] <= CHUNK_ROWS) {
      end++;
    }
    return end;
  }

  /** Returns where the chunk that ends before t1 begins. */
  int chunkStart(int t1) {
    int start = t1 - 1;
    while (start > 0 && offsets[t1] - offsets[start - 1] <= CHUNK_ROWS) {
      start--;
    }
    return start;
  }

  /** Returns the gradient of the state before step t {@code [B, H]}. */
  float[] stateGradient(int t) {
    return stateGradients[t & 1];
  }

  /** Returns the bytes of the activations, of scratch and of all that training packs. */
  long bytes() {
    long activations =
        Stream.of(gates, distinct, h, c, candidate, stateGradients[0], stateGradients[1], dc)
            .mapToLong(floats -> 4L * floats.length)
            .sum();
    long weights =
        PackedMatrix.bytes(inputSize, gateSize)
            + PackedMatrix.bytes(gateSize, inputSize)
            + PackedMatrix.bytes(hidden, gateSize)
            + PackedMatrix.bytes(gateSize, hidden);
    long factors =
        PackedLeft.bytes(gateSize, maxChunk)
            + PackedMatrix.bytes(maxChunk, inputSize)
            + PackedMatrix.bytes(maxChunk, hidden);
    return activations + weights + factors;
  }
}
