// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;
import java.util.function.BiConsumer;
import org.unroll.rnn.math.CellKernels;
import org.unroll.rnn.math.CellStep;
import org.unroll.rnn.math.Ops;

/**
 * A cell is the pointwise part of a recurrent step: what happens to the gates once {@link
 * RecurrentLayer} has made the matrix products. The forms are PyTorch's: one bias for the input and
 * one for the recurrent product, gates in PyTorch's order.
 *
 * <p>In the equations x is the input, h the state, {@code '} marks what comes after the step, and
 * {@code W_i g}, {@code W_h g} stand for the rows of a gate g in the weights of the input and of
 * the state, with their biases. Backward, {@code d} is the gradient of what follows it: {@code dh'}
 * is that of the output plus that which comes from the step behind, and {@code da_g} that of the
 * products of a gate, which becomes the gradient of its weights.
 */
public enum CellType {
  /**
   * The cell of Elman (1990).
   *
   * <pre>
   *   a = W_i x + W_h h     h' = tanh(a)     da = dh' (1 - h'^2)     dh = W_h^T da
   * </pre>
   */
  RNN_TANH(1, 1, CellKernels::tanhForward, CellKernels::tanhBackward, new Block(0, 1, false)),
  /**
   * The cell of Elman with a rectifier.
   *
   * <pre>
   *   a = W_i x + W_h h     h' = max(0, a)     da = dh' where h' &gt; 0, else 0     dh = W_h^T da
   * </pre>
   */
  RNN_RELU(1, 1, CellKernels::reluForward, CellKernels::reluBackward, new Block(0, 1, false)),
  /**
   * The gated recurrent unit (Cho et al. 2014) in the form whose reset gate multiplies the
   * recurrent product and not the state before it, so that one product a step serves all gates.
   *
   * <pre>
   *   r = sigmoid(W_ir x + W_hr h)     z = sigmoid(W_iz x + W_hz h)
   *   q = W_hn h     n = tanh(W_in x + r q)     h' = (1 - z) n + z h
   *
   *   da_n = dh' (1 - z) (1 - n^2)     da_z = dh' (h - n) z (1 - z)
   *   dq = da_n r     da_r = da_n q r (1 - r)
   *   dh = dh' z + W_hr^T da_r + W_hz^T da_z + W_hn^T dq
   * </pre>
   */
  GRU(
      3,
      1,
      CellKernels::gruForward,
      CellKernels::gruBackward,
      new Block(0, 2, false),
      new Block(2, 1, true)),
  /**
   * The cell of long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
   *
   * <pre>
   *   i = sigmoid(W_ii x + W_hi h)     f = sigmoid(W_if x + W_hf h)
   *   g = tanh(W_ig x + W_hg h)        o = sigmoid(W_io x + W_ho h)
   *   c' = f c + i g                   h' = o tanh(c')
   *
   *   s = dc' + dh' o (1 - tanh(c')^2)     dc = s f
   *   da_i = s g i (1 - i)     da_f = s c f (1 - f)     da_g = s i (1 - g^2)
   *   da_o = dh' tanh(c') o (1 - o)        dh = W_h^T (da_i, da_f, da_g, da_o)
   * </pre>
   */
  LSTM(4, 2, CellKernels::lstmForward, CellKernels::lstmBackward, new Block(0, 4, false));

  /**
   * A block is a group of gates whose recurrent product goes to the same place.
   *
   * @param firstGate index of its first gate
   * @param gates how many
   * @param apart whether the product is kept apart in {@link LayerWorkspace#candidate} (one gate
   *     wide) instead of being added to the product of the input
   */
  record Block(int firstGate, int gates, boolean apart) {}

  private final int gates;
  private final int stateSlots;
  private final BiConsumer<CellKernels, CellStep> forward;
  private final BiConsumer<CellKernels, CellStep> backward;
  private final Block[] blocks;

  CellType(
      int gates,
      int stateSlots,
      BiConsumer<CellKernels, CellStep> forward,
      BiConsumer<CellKernels, CellStep> backward,
      Block... blocks) {
    this.gates = gates;
    this.stateSlots = stateSlots;
    this.forward = forward;
    this.backward = backward;
    this.blocks = blocks;
  }

  /** Returns G, the number of gates: the weights of a layer have {@code G * hidden} rows. */
  public int gates() {
    return gates;
  }

  /** Returns what the gates are called, in the order of their weights; none of the Elman cells. */
  public List<String> gateNames() {
    return switch (this) {
      case RNN_TANH, RNN_RELU -> List.of();
      case GRU -> List.of("reset", "update", "candidate");
      case LSTM -> List.of("input", "forget", "candidate", "output");
    };
  }

  /** Returns how many vectors are carried from step to step: 1 (h) or 2 (h and c). */
  public int stateSlots() {
    return stateSlots;
  }

  /** Returns all gates, in groups; the array is not to be changed. */
  Block[] blocks() {
    return blocks;
  }

  /**
   * Returns whether a part of the state's gradient passes by the recurrent product, left in the
   * next {@code dh} by backward.
   */
  boolean passesGradient() {
    return this == GRU;
  }

  /** Makes gates and state of the rows of a step. */
  void forward(CellStep step) {
    Ops.forward(forward, step);
  }

  /**
   * Turns the activations of the rows of a step into gradients of the products, given {@code dy}
   * and the gradients of the state.
   */
  void backward(CellStep step) {
    Ops.backward(backward, step);
  }
}
