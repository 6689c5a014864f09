// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/** The reference and the fallback of the cells: one element at a time. */
final class ScalarCellKernels implements CellKernels {
  private final ScalarKernels scalar;

  ScalarCellKernels(ScalarKernels scalar) {
    this.scalar = scalar;
  }

  @Override
  public void elmanTanhForward(int rows, int width, float[] gates, int go, float[] h, int ho) {
    for (int r = 0; r < rows; r++) {
      elmanTanhForwardRow(0, width, gates, go + r * width, h, ho + r * width);
    }
  }

  /** Computes elements [from, width) of one row; also those that vectors leave over. */
  static void elmanTanhForwardRow(int from, int width, float[] gates, int go, float[] h, int ho) {
    for (int j = from; j < width; j++) {
      h[ho + j] = ScalarMath.tanh(gates[go + j]);
    }
  }

  @Override
  public void lstmForward(
      int rows, int width, float[] gates, int go, float[] c, int po, int co, float[] h, int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      int row = go + 4 * at;
      scalar.sigmoid(gates, row, 2 * width);
      scalar.tanh(gates, row + 2 * width, width);
      scalar.sigmoid(gates, row + 3 * width, width);
      lstmStateRow(0, width, gates, row, c, po + at, co + at, h, ho + at);
    }
  }

  /** Computes the state of one row from its activations, from an element on. */
  static void lstmStateRow(
      int from, int width, float[] gates, int go, float[] c, int po, int co, float[] h, int ho) {
    for (int j = from; j < width; j++) {
      int at = go + j;
      float ig = gates[at] * gates[at + 2 * width];
      float cell = Math.fma(gates[at + width], c[po + j], ig);
      c[co + j] = cell;
      h[ho + j] = gates[at + 3 * width] * ScalarMath.tanh(cell);
    }
  }

  @Override
  public void lstmBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] c,
      int po,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dc,
      int dho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      lstmBackwardRow(
          0, width, gates, go + 4 * at, c, po + at, co + at, dy, dyo + at, dh, dc, dho + at);
    }
  }

  /** Computes the gradients of one row, from an element on. */
  static void lstmBackwardRow(
      int from,
      int width,
      float[] gates,
      int go,
      float[] c,
      int po,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dc,
      int dho) {
    for (int j = from; j < width; j++) {
      int at = go + j;
      float i = gates[at];
      float f = gates[at + width];
      float g = gates[at + 2 * width];
      float o = gates[at + 3 * width];
      float t = ScalarMath.tanh(c[co + j]);
      float d = dy[dyo + j] + dh[dho + j];
      float cell = Math.fma(d * o, 1 - t * t, dc[dho + j]);
      gates[at] = cell * g * (i * (1 - i));
      gates[at + width] = cell * c[po + j] * (f * (1 - f));
      gates[at + 2 * width] = cell * i * (1 - g * g);
      gates[at + 3 * width] = d * t * (o * (1 - o));
      dc[dho + j] = cell * f;
    }
  }

  @Override
  public void gruForward(
      int rows, int width, float[] gates, int go, float[] q, int qo, float[] h, int po, int ho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      int row = go + 3 * at;
      scalar.sigmoid(gates, row, 2 * width);
      gruStateRow(0, width, gates, row, q, qo + at, h, po + at, ho + at);
    }
  }

  /** Computes candidate and state of one row from its other gates, from an element on. */
  static void gruStateRow(
      int from, int width, float[] gates, int go, float[] q, int qo, float[] h, int po, int ho) {
    for (int j = from; j < width; j++) {
      int an = go + 2 * width + j;
      float n = ScalarMath.tanh(Math.fma(gates[go + j], q[qo + j], gates[an]));
      gates[an] = n;
      h[ho + j] = Math.fma(gates[go + width + j], h[po + j] - n, n);
    }
  }

  @Override
  public void gruBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] q,
      int qo,
      float[] h,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dh0,
      int dho) {
    for (int r = 0; r < rows; r++) {
      int at = r * width;
      gruBackwardRow(
          0, width, gates, go + 3 * at, q, qo + at, h, po + at, dy, dyo + at, dh, dh0, dho + at);
    }
  }

  /** Computes the gradients of one row, from an element on. */
  static void gruBackwardRow(
      int from,
      int width,
      float[] gates,
      int go,
      float[] q,
      int qo,
      float[] h,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dh0,
      int dho) {
    for (int j = from; j < width; j++) {
      int at = go + j;
      float r = gates[at];
      float z = gates[at + width];
      float n = gates[at + 2 * width];
      float d = dy[dyo + j] + dh[dho + j];
      float dn = d * (1 - z) * (1 - n * n);
      gates[at] = dn * q[qo + j] * (r * (1 - r));
      gates[at + width] = d * (h[po + j] - n) * (z * (1 - z));
      gates[at + 2 * width] = dn;
      q[qo + j] = dn * r;
      dh0[dho + j] = d * z;
    }
  }
}
