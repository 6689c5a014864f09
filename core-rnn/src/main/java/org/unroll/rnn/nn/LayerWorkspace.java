// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;

/**
 * The buffers of a {@link LayerRun}: packed weights, what forward leaves for backward, and scratch.
 * For T steps of B rows the activations take {@code T B (G H) + (T+1) B H} floats, for the LSTM
 * {@code (T+1) B H} more for c, for the GRU {@code T B H} more for the candidate's recurrent
 * product; gradients replace activations in place.
 */
final class LayerWorkspace {
  private static final int CHUNK_ROWS = 512;

  final int hidden;
  final int gateSize;

  /** B of the current window. */
  int rows;

  /** T of the current window. */
  int steps;

  /** Steps of each row, or null when all rows have T. */
  int[] lengths;

  /** The tokens of the window when the inputs are given once for each, or null. */
  DistinctTokens tokens;

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

  LayerWorkspace(RnnSpec spec, int layer, int maxSteps, int maxRows, int maxDistinct, int threads) {
    CellType type = spec.cell();
    hidden = spec.hiddenSize();
    gateSize = spec.gateSize();
    inputSize = spec.layerInputSize(layer);
    maxChunk = Math.max(maxDistinct, Math.min(maxSteps * maxRows, Math.max(CHUNK_ROWS, maxRows)));
    int state = Math.multiplyExact(Math.multiplyExact(maxSteps + 1, maxRows), hidden);
    gates = new float[Math.multiplyExact(Math.multiplyExact(maxSteps, maxRows), gateSize)];
    distinct = new float[Math.multiplyExact(maxDistinct, gateSize)];
    h = new float[state];
    c = new float[type == CellType.LSTM ? state : 0];
    candidate = new float[type == CellType.GRU ? maxSteps * maxRows * hidden : 0];
    stateGradients = new float[2][maxRows * hidden];
    dc = new float[type == CellType.LSTM ? maxRows * hidden : 0];
    left = new PackedLeft[threads];
    Arrays.setAll(left, i -> new PackedLeft());
    bias = new float[gateSize];
    apartBias = new float[gateSize];
    List<Cell.Block> blocks = Cell.of(type).blocks();
    recurrentForward = blocks.stream().map(b -> new PackedMatrix()).toList();
    recurrentBackward = blocks.stream().map(b -> new PackedMatrix()).toList();
  }

  /** Where the gates of a row of step t begin. */
  int gateAt(int t, int row) {
    return (t * rows + row) * gateSize;
  }

  /** Where the state of a row before step t begins. */
  int stateAt(int t, int row) {
    return (t * rows + row) * hidden;
  }

  /** Where the candidate of a row of step t begins. */
  int candidateAt(int t, int row) {
    return (t * rows + row) * hidden;
  }

  /**
   * Steps whose products with the inputs' weights are made at a time: enough rows for a large
   * product, few enough that their gates are still in the cache when the next reader comes.
   */
  int chunkSteps() {
    return Math.max(1, CHUNK_ROWS / rows);
  }

  boolean isActive(int t, int row) {
    return lengths == null || t < lengths[row];
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
