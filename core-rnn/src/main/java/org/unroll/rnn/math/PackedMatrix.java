// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * The right factor B {@code [K, N]} of a product, cut into panels of two vectors' width so that the
 * innermost loop reads it from the first element to the last. It is packed once and used for as
 * long as its numbers hold still: a recurrent matrix once per version of the parameters, not once
 * per step.
 *
 * <pre>
 *   B = | panel 0 | panel 1 | ... | last panel, one or two vectors wide, zeros behind column N |
 *   data = panel 0 row by row, panel 1 row by row, ...
 * </pre>
 */
public final class PackedMatrix {
  private static final Kernels KERNELS = Ops.kernels();

  /** The lanes are a constant to the compiler, which checks no bounds in loops over multiples. */
  private static final int LANES = KERNELS.lanes;

  private static final int PANEL = 2 * LANES;

  /** The rows of B that are copied panel by panel before the next ones. */
  private static final int ROWS = 64;

  /** The elements of a row of W that are written to a panel before those of the next row. */
  private static final int TRANSPOSED = 128;

  private float[] data = new float[0];
  private int k;
  private int n;

  /** Returns K, the number of rows. */
  public int k() {
    return k;
  }

  /** Returns N, the number of columns. */
  public int n() {
    return n;
  }

  /** Returns the bytes that a packed {@code [k, n]} takes. */
  public static long bytes(int k, int n) {
    return 4L * k * ((n + LANES - 1) / LANES) * LANES;
  }

  /** Packs B with element (p, j) at {@code x[xo + p * stride + j]}. */
  public PackedMatrix pack(float[] x, int xo, int stride, int k, int n) {
    reserve(k, n);
    packRows(x, xo, stride, 0, k);
    return this;
  }

  /** Gives B its shape; its elements are undefined. */
  public void reserve(int k, int n) {
    this.k = k;
    this.n = n;
    int size = Math.multiplyExact(k, (n + LANES - 1) / LANES * LANES);
    if (data.length < size) {
      data = new float[size];
    }
  }

  /**
   * Packs the rows [from, to) of a B that has its shape, element (p, j) at {@code x[xo + p * stride
   * + j]}. Several threads may pack different rows at a time.
   */
  public void packRows(float[] x, int xo, int stride, int from, int to) {
    Ops.checkMatrix("B", x, xo, to, n, stride);
    for (int p = from; p < to; p += ROWS) {
      int end = Math.min(to, p + ROWS);
      for (int j0 = 0; j0 < n; j0 += PANEL) {
        packPieces(x, xo + j0, stride, p, end, j0);
      }
    }
  }

  /** Packs the pieces of rows [from, to) that belong to the panel at column j0, where xo is. */
  private void packPieces(float[] x, int xo, int stride, int from, int to, int j0) {
    int width = width(j0);
    int copied = Math.min(width, n - j0);
    int at = offset(j0) + from * width;
    if (copied == width) {
      KERNELS.copyPieces(to - from, width, x, xo + from * stride, stride, data, at);
      return;
    }
    for (int p = from; p < to; p++, at += width) {
      System.arraycopy(x, xo + p * stride, data, at, copied);
      Arrays.fill(data, at + copied, at + width, 0f);
    }
  }

  /** Packs B = W^T from W {@code [n, k]} with element (j, p) at {@code x[xo + j * stride + p]}. */
  public PackedMatrix packTransposed(float[] x, int xo, int stride, int n, int k) {
    reserve(k, n);
    packTransposedPart(x, xo, stride, 0, 1);
    return this;
  }

  /**
   * Packs a part of the columns of a B = W^T that has its shape. Several threads may pack different
   * parts at a time.
   */
  public void packTransposedPart(float[] x, int xo, int stride, int part, int parts) {
    Ops.checkMatrix("W", x, xo, n, k, stride);
    int panels = (n + PANEL - 1) / PANEL;
    int end = Math.min(n, Team.start(panels, part + 1, parts) * PANEL);
    for (int j0 = Team.start(panels, part, parts) * PANEL; j0 < end; j0 += PANEL) {
      int width = width(j0);
      int copied = Math.min(width, n - j0);
      if (copied < width) {
        Arrays.fill(data, offset(j0), offset(j0) + k * width, 0f);
      }
      transpose(x, xo + j0 * stride, stride, copied, offset(j0), width);
    }
  }

  /**
   * Writes the first k elements of some rows of x as columns of a panel, a few cache lines of each
   * row at a time.
   */
  private void transpose(float[] x, int xo, int stride, int rows, int at, int width) {
    for (int p0 = 0; p0 < k; p0 += TRANSPOSED) {
      int p1 = Math.min(k, p0 + TRANSPOSED);
      for (int j = 0; j < rows; j++) {
        int from = xo + j * stride;
        int to = at + j;
        if (width == PANEL) {
          for (int p = p0; p < p1; p++) {
            data[to + p * PANEL] = x[from + p];
          }
        } else {
          for (int p = p0; p < p1; p++) {
            data[to + p * LANES] = x[from + p];
          }
        }
      }
    }
  }

  float[] data() {
    return data;
  }

  /** Returns the floats in a row of the panel that begins at column j0. */
  int width(int j0) {
    return n - j0 > LANES ? PANEL : LANES;
  }

  /** Returns where the panel that begins at column j0 starts. */
  int offset(int j0) {
    return j0 * k;
  }
}
