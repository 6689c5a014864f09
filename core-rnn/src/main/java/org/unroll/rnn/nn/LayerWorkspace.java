// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.Packing;

/**
 * The buffers of a {@link RecurrentLayer}: packed weights, what forward leaves for backward, and
 * scratch. For T steps of B rows the activations take {@code T B (G H) + (T+1) B H} floats, for the
 * LSTM {@code (T+1) B H} more for c, for the GRU {@code T B H} more for the candidate's recurrent
 * product; gradients replace activations in place. Of packed sequences only the N steps that there
 * are stand here, instead of T B.
 */
final class LayerWorkspace {
  private static final int CHUNK_ROWS = 512;

  final int hidden;
  final int gateSize;

  /** B of the current window. */
  int rows;

  /** T of the current window. */
  int steps;

  /** Where the positions of every step begin {@code [T + 1]}. */
  int[] offsets;

  /** Of every position the input it has when inputs are given once a token, or null; */
  int[] slots;

  /** and how many inputs there are. */
  int distinctInputs;

  /** Products of the distinct inputs with their weights, then their gradients {@code [U, G H]}. */
  final float[] distinct;

  /** Activations, then their gradients, {@code [T, B, G H]}. */
  final float[] gates;

  /** The hidden state before and after every step, {@code [T + 1, B, H]}. */
  final float[] h;

  /** LSTM: the cell state before and after every step, {@code [T + 1, B, H]}. */
  final float[] c;

  /** GRU: the recurrent product of n, then its gradient, {@code [T, B, H]}. */
  final float[] candidate;

  /** Gradients of the state {@code [B, H]}: of those between steps one before and one behind. */
  private final float[][] stateGradients;

  /** LSTM: gradient of the cell state, {@code [B, H]}. */
  final float[] dc;

  /**
   * Biases of the gates {@code [G H]}: both summed, but for a gate that is kept apart only the
   * input's.
   */
  final float[] bias;

  /** Biases of the recurrent products that are kept apart, by gate {@code [G H]}. */
  final float[] apartBias;

  /** W_ih^T, for the products of the inputs. */
  final PackedMatrix inputForward = new PackedMatrix();

  /** W_ih, for the gradient of the inputs. */
  final PackedMatrix inputBackward = new PackedMatrix();

  /** W_hh^T by block of gates. */
  final List<PackedMatrix> recurrentForward;

  /** W_hh by block of gates. */
  final List<PackedMatrix> recurrentBackward;

  /** The factors of the weights' gradients over some steps: of each thread's gates, */
  final PackedLeft[] left;

  /** inputs, */
  final PackedMatrix inputs = new PackedMatrix();

  /** and states before each step. */
  final PackedMatrix states = new PackedMatrix();

  private final int inputSize;
  private final int maxChunk;

  /** Allocates for one direction of a layer and for passes up to a capacity. */
  LayerWorkspace(
      RnnSpec spec, int layer, int positions, int maxRows, int maxDistinct, int threads) {
    CellType type = spec.cell();
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
    left = new PackedLeft[threads];
    Arrays.setAll(left, i -> new PackedLeft());
    bias = new float[gateSize];
    apartBias = new float[gateSize];
    List<CellType.Block> blocks = type.blocks();
    recurrentForward = blocks.stream().map(b -> new PackedMatrix()).toList();
    recurrentBackward = blocks.stream().map(b -> new PackedMatrix()).toList();
  }

  /** Takes the shape of packed sequences. */
  void setShape(Packing packing) {
    steps = packing.steps();
    rows = packing.rows();
    offsets = packing.offsets();
  }

  /** How many rows have a step t, padding included. */
  int rowsAt(int t) {
    return t < steps ? offsets[t + 1] - offsets[t] : 0;
  }

  /** Where the gates of a row of step t begin. */
  int gateAt(int t, int row) {
    return (offsets[t] + row) * gateSize;
  }

  /**
   * Where the state of a row before step t begins: behind the B first states those of each step.
   */
  int stateAt(int t, int row) {
    return (t == 0 ? row : rows + offsets[t - 1] + row) * hidden;
  }

  /** Where the candidate of a row of step t begins. */
  int candidateAt(int t, int row) {
    return (offsets[t] + row) * hidden;
  }

  /**
   * The end of the steps whose products with the inputs' weights are made at a time, from t0 on:
   * enough rows for a large product, few enough that their gates are still in the cache when the
   * next reader comes.
   */
  int chunkEnd(int t0) {
    int end = t0 + 1;
    while (end < steps && offsets[end + 1] - offsets[t0] <= CHUNK_ROWS) {
      end++;
    }
    return end;
  }

  /** Where the chunk that ends before t1 begins. */
  int chunkStart(int t1) {
    int start = t1 - 1;
    while (start > 0 && offsets[t1] - offsets[start - 1] <= CHUNK_ROWS) {
      start--;
    }
    return start;
  }

  /** Elements of the recurrent matrix. */
  int recurrentSize() {
    return gateSize * hidden;
  }

  /** The gradient of the state before step t {@code [B, H]}, after step t - 1. */
  float[] stateGradient(int t) {
    return stateGradients[t & 1];
  }

  /** Bytes of the activations, of scratch and of all that training packs. */
  long bytes() {
    long activations =
        4L
            * (gates.length
                + distinct.length
                + h.length
                + c.length
                + candidate.length
                + 2L * stateGradients[0].length
                + dc.length);
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
