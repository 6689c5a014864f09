// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;

/**
 * The pointwise part of a recurrent step: what happens to the gates once {@link RecurrentLayer} has
 * made the matrix products. A cell works on the rows [row, row + count) of step t inside the
 * layer's workspace.
 */
sealed interface Cell permits ElmanCell, LstmCell, GruCell {

  /**
   * A group of gates whose recurrent product goes to the same place.
   *
   * @param firstGate index of its first gate
   * @param gates how many
   * @param apart whether the product is kept apart in {@link LayerWorkspace#candidate} (one gate
   *     wide) instead of being added to the product of the input
   */
  record Block(int firstGate, int gates, boolean apart) {}

  /** All gates, in groups. */
  List<Block> blocks();

  /**
   * Whether a part of the state's gradient passes by the recurrent product, left in the next {@code
   * dh} by backward.
   */
  boolean passesGradient();

  /** Gates and state of step t from the products and the state before. */
  void forward(LayerWorkspace w, int t, int row, int count);

  /**
   * Turns the activations of step t into gradients of the products, given {@code dy} and the
   * gradients of the state.
   */
  void backward(LayerWorkspace w, int t, int row, int count, float[] dy, int dyo);

  static Cell of(CellType type) {
    return switch (type) {
      case RNN_TANH -> new ElmanCell(true);
      case RNN_RELU -> new ElmanCell(false);
      case GRU -> new GruCell();
      case LSTM -> new LstmCell();
    };
  }
}
