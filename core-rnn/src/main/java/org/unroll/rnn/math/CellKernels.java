// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The steps of the recurrent cells, forward and backward, once the matrix products are made: the
 * reference and the fallback, like {@link Kernels}. {@link Ops#forward} and {@link Ops#backward}
 * run them. The equations are those of {@code CellType}; a product that is added is a fused
 * multiply-add, and the GRU's state is {@code n + z (h - n)}. What begins at an element of a row is
 * also for those that vectors leave over.
 */
public class CellKernels {
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
    int n = s.rows * s.width;
    for (int i = 0; i < n; i++) {
      float y = s.h[s.after + i];
      s.gates[s.gatesAt + i] = (s.dy[s.dyAt + i] + s.dh[s.dhAt + i]) * (1 - y * y);
    }
  }

  /** Does the step of the Elman cell with a rectifier. */
  public final void reluForward(CellStep s) {
    int n = s.rows * s.width;
    for (int i = 0; i < n; i++) {
      s.h[s.after + i] = Math.max(0, s.gates[s.gatesAt + i]);
    }
  }

  /** Does the step of the Elman cell with a rectifier backwards. */
  public final void reluBackward(CellStep s) {
    int n = s.rows * s.width;
    for (int i = 0; i < n; i++) {
      float slope = s.h[s.after + i] > 0 ? 1 : 0;
      s.gates[s.gatesAt + i] = (s.dy[s.dyAt + i] + s.dh[s.dhAt + i]) * slope;
    }
  }

  /** Does the LSTM's step. */
  public final void lstmForward(CellStep s) {
    run(lstmParts, s);
  }

  /** Does the LSTM's step backwards. */
  public void lstmBackward(CellStep s) {
    for (int row = 0; row < s.rows; row++) {
      lstmBackward(s, row, 0);
    }
  }

  static void lstmBackward(CellStep s, int row, int from) {
    int width = s.width;
    float[] gates = s.gates;
    float[] c = s.c;
    float[] dc = s.dc;
    int first = row * width;
    int go = s.gatesAt + 4 * first;
    int before = s.before + first;
    int after = s.after + first;
    int dyo = s.dyAt + first;
    int dho = s.dhAt + first;
    for (int j = from; j < width; j++) {
      int at = go + j;
      float i = gates[at];
      float f = gates[at + width];
      float g = gates[at + 2 * width];
      float o = gates[at + 3 * width];
      float t = ScalarMath.tanh(c[after + j]);
      float d = s.dy[dyo + j] + s.dh[dho + j];
      float cell = Math.fma(d * o, 1 - t * t, dc[dho + j]);
      gates[at] = cell * g * (i * (1 - i));
      gates[at + width] = cell * c[before + j] * (f * (1 - f));
      gates[at + 2 * width] = cell * i * (1 - g * g);
      gates[at + 3 * width] = d * t * (o * (1 - o));
      dc[dho + j] = cell * f;
    }
  }

  /** Does the GRU's step. */
  public final void gruForward(CellStep s) {
    run(gruParts, s);
  }

  /** Does the GRU's step backwards. */
  public void gruBackward(CellStep s) {
    for (int row = 0; row < s.rows; row++) {
      gruBackward(s, row, 0);
    }
  }

  static void gruBackward(CellStep s, int row, int from) {
    int width = s.width;
    float[] gates = s.gates;
    for (int j = from; j < width; j++) {
      int element = row * width + j;
      int at = s.gatesAt + 3 * row * width + j;
      int qAt = s.candidateAt + element;
      float r = gates[at];
      float z = gates[at + width];
      float n = gates[at + 2 * width];
      float d = s.dy[s.dyAt + element] + s.dh[s.dhAt + element];
      float dn = d * (1 - z) * (1 - n * n);
      gates[at] = dn * s.candidate[qAt] * (r * (1 - r));
      gates[at + width] = d * (s.h[s.before + element] - n) * (z * (1 - z));
      gates[at + 2 * width] = dn;
      s.candidate[qAt] = dn * r;
      s.dhBefore[s.dhAt + element] = d * z;
    }
  }

  private static void run(RowPart[] parts, CellStep s) {
    for (int row = 0; row < s.rows; row++) {
      for (RowPart part : parts) {
        part.run(s, row);
      }
    }
  }

  /** Makes the LSTM's states of one row from its activations. */
  void lstmState(CellStep s, int row) {
    lstmState(s, row, 0);
  }

  static void lstmState(CellStep s, int row, int from) {
    int width = s.width;
    float[] gates = s.gates;
    int first = row * width;
    for (int j = from; j < width; j++) {
      int at = s.gatesAt + 4 * first + j;
      float ig = gates[at] * gates[at + 2 * width];
      float cell = Math.fma(gates[at + width], s.c[s.before + first + j], ig);
      s.c[s.after + first + j] = cell;
      s.h[s.after + first + j] = gates[at + 3 * width] * ScalarMath.tanh(cell);
    }
  }

  /** Makes the GRU's candidate and state of one row from its other gates. */
  void gruState(CellStep s, int row) {
    gruState(s, row, 0);
  }

  static void gruState(CellStep s, int row, int from) {
    int width = s.width;
    float[] gates = s.gates;
    for (int j = from; j < width; j++) {
      int element = row * width + j;
      int at = s.gatesAt + 3 * row * width + j;
      int an = at + 2 * width;
      float q = s.candidate[s.candidateAt + element];
      float n = ScalarMath.tanh(Math.fma(gates[at], q, gates[an]));
      gates[an] = n;
      s.h[s.after + element] = Math.fma(gates[at + width], s.h[s.before + element] - n, n);
    }
  }
}
