// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The reference and the fallback of the cells: one element at a time. What begins at an element of
 * a row is also for those that vectors leave over.
 */
final class ScalarCellKernels extends CellKernels {
  ScalarCellKernels(ScalarKernels scalar) {
    super(scalar);
  }

  @Override
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

  @Override
  public void lstmBackward(CellStep s) {
    for (int row = 0; row < s.rows; row++) {
      lstmBackward(s, row, 0);
    }
  }

  static void lstmBackward(CellStep s, int row, int from) {
    int width = s.width;
    float[] gates = s.gates;
    for (int j = from; j < width; j++) {
      int element = row * width + j;
      int at = s.gatesAt + 4 * row * width + j;
      int dhAt = s.dhAt + element;
      float i = gates[at];
      float f = gates[at + width];
      float g = gates[at + 2 * width];
      float o = gates[at + 3 * width];
      float t = ScalarMath.tanh(s.c[s.after + element]);
      float d = s.dy[s.dyAt + element] + s.dh[dhAt];
      float cell = Math.fma(d * o, 1 - t * t, s.dc[dhAt]);
      gates[at] = cell * g * (i * (1 - i));
      gates[at + width] = cell * s.c[s.before + element] * (f * (1 - f));
      gates[at + 2 * width] = cell * i * (1 - g * g);
      gates[at + 3 * width] = d * t * (o * (1 - o));
      s.dc[dhAt] = cell * f;
    }
  }

  @Override
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

  @Override
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
}
