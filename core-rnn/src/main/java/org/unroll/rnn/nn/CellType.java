// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * The recurrent cells, in PyTorch's forms: one bias for the input and one for the recurrent
 * product, gates in PyTorch's order, and the GRU whose reset gate multiplies the recurrent product
 * (not the state before it).
 */
public enum CellType {
  /** {@code h' = tanh(W_ih x + b_ih + W_hh h + b_hh)} (Elman 1990). */
  RNN_TANH(1, 1),
  /** {@code h' = max(0, W_ih x + b_ih + W_hh h + b_hh)}. */
  RNN_RELU(1, 1),
  /** Gated recurrent unit (Cho et al. 2014), gates in the order r, z, n. */
  GRU(3, 1),
  /** Long short-term memory (Hochreiter and Schmidhuber 1997), gates in the order i, f, g, o. */
  LSTM(4, 2);

  private final int gates;
  private final int stateSlots;

  CellType(int gates, int stateSlots) {
    this.gates = gates;
    this.stateSlots = stateSlots;
  }

  /** Number of gates G: the weights of a layer have {@code G * hidden} rows. */
  public int gates() {
    return gates;
  }

  /** Vectors carried from step to step: 1 (h) or 2 (h and c). */
  public int stateSlots() {
    return stateSlots;
  }
}
