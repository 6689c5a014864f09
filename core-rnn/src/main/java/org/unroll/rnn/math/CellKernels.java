// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The steps of the recurrent cells, forward and backward, once the matrix products are made; in two
 * forms like {@link Kernels}. {@link Ops#forward} and {@link Ops#backward} run them. The equations
 * are those of {@code CellType}; a product that is added is a fused multiply-add, and the GRU's
 * state is {@code n + z (h - n)}.
 */
public abstract class CellKernels {
  private final Kernels kernels;

  /**
   * A part of a cell's forward step over one row, with one exp or tanh in it: more in one
   * compilation exceed what C2 inlines, and a vector that crosses a call is boxed. C2 would inline
   * parts that are called by name; it leaves alone a call through an interface that goes to three
   * methods or more, so a step has at least three parts.
   */
  @FunctionalInterface
  private interface RowPart {
    void run(CellStep step, int row);
  }

  private final RowPart[] lstmParts;
  private final RowPart[] gruParts;

  CellKernels(Kernels kernels) {
    this.kernels = kernels;
    lstmParts =
        new RowPart[] {
          (s, row) -> kernels.sigmoid(s.gates, s.gatesAt + 4 * row * s.width, 2 * s.width),
          (s, row) -> {
            int at = s.gatesAt + (4 * row + 2) * s.width;
            kernels.tanh(s.gates, at, s.gates, at, s.width);
          },
          (s, row) -> kernels.sigmoid(s.gates, s.gatesAt + (4 * row + 3) * s.width, s.width),
          this::lstmState
        };
    gruParts =
        new RowPart[] {
          (s, row) -> kernels.sigmoid(s.gates, s.gatesAt + 3 * row * s.width, s.width),
          (s, row) -> kernels.sigmoid(s.gates, s.gatesAt + (3 * row + 1) * s.width, s.width),
          this::gruState
        };
  }

  /** Does the Elman cell's step. */
  public final void tanhForward(CellStep s) {
    kernels.tanh(s.gates, s.gatesAt, s.h, s.after, s.rows * s.width);
  }

  /** Does the Elman cell's step backwards; it goes back through h' alone. */
  public final void tanhBackward(CellStep s) {
    for (int i = 0; i < s.rows * s.width; i++) {
      float y = s.h[s.after + i];
      s.gates[s.gatesAt + i] = (s.dy[s.dyAt + i] + s.dh[s.dhAt + i]) * (1 - y * y);
    }
  }

  /** Does the step of the Elman cell with a rectifier. */
  public final void reluForward(CellStep s) {
    for (int i = 0; i < s.rows * s.width; i++) {
      s.h[s.after + i] = Math.max(0, s.gates[s.gatesAt + i]);
    }
  }

  /** Does the step of the Elman cell with a rectifier backwards. */
  public final void reluBackward(CellStep s) {
    for (int i = 0; i < s.rows * s.width; i++) {
      float slope = s.h[s.after + i] > 0 ? 1 : 0;
      s.gates[s.gatesAt + i] = (s.dy[s.dyAt + i] + s.dh[s.dhAt + i]) * slope;
    }
  }

  /** Does the LSTM's step. */
  public final void lstmForward(CellStep s) {
    run(lstmParts, s);
  }

  /** Does the LSTM's step backwards. */
  public abstract void lstmBackward(CellStep s);

  /** Does the GRU's step. */
  public final void gruForward(CellStep s) {
    run(gruParts, s);
  }

  /** Does the GRU's step backwards. */
  public abstract void gruBackward(CellStep s);

  private static void run(RowPart[] parts, CellStep s) {
    for (int row = 0; row < s.rows; row++) {
      for (RowPart part : parts) {
        part.run(s, row);
      }
    }
  }

  /** Makes the LSTM's states of one row from its activations. */
  abstract void lstmState(CellStep s, int row);

  /** Makes the GRU's candidate and state of one row from its other gates. */
  abstract void gruState(CellStep s, int row);
}
