// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * The right factor B {@code [K, N]} of a product, cut into panels of two vectors' width so that the
 * innermost loop reads it from the first element to the last. Packed once and used for as long as
 * its numbers hold still: a recurrent matrix once per version of the parameters, not once per step.
 *
 * <pre>
 *   B = | panel 0 | panel 1 | ... | last panel, one or two vectors wide, zeros behind column N |
 *   data = panel 0 row by row, panel 1 row by row, ...
 * </pre>
 */
public final class PackedMatrix {
  private final int lanes = Ops.kernels().lanes();
  private final int panel = 2 * lanes;
  private float[] data = new float[0];
  private int k;
  private int n;

  /** K, the number of rows. */
  public int k() {
    return k;
  }

  /** N, the number of columns. */
  public int n() {
    return n;
  }

  /** Bytes that a packed {@code [k, n]} takes. */
  public static long bytes(int k, int n) {
    int lanes = Ops.kernels().lanes();
    return 4L * k * ((n + lanes - 1) / lanes) * lanes;
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
    int size = Math.multiplyExact(k, (n + lanes - 1) / lanes * lanes);
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
    for (int j0 = 0; j0 < n; j0 += panel) {
      int width = width(j0);
      int copied = Math.min(width, n - j0);
      int at = offset(j0) + from * width;
      for (int p = from; p < to; p++, at += width) {
        System.arraycopy(x, xo + p * stride + j0, data, at, copied);
        Arrays.fill(data, at + copied, at + width, 0f);
      }
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
    int panels = (n + panel - 1) / panel;
    int end = Math.min(n, Team.start(panels, part + 1, parts) * panel);
    for (int j0 = Team.start(panels, part, parts) * panel; j0 < end; j0 += panel) {
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
    int block = 64;
    for (int p0 = 0; p0 < k; p0 += block) {
      int p1 = Math.min(k, p0 + block);
      for (int j = 0; j < rows; j++) {
        int from = xo + j * stride;
        int to = at + j;
        for (int p = p0; p < p1; p++) {
          data[to + p * width] = x[from + p];
        }
      }
    }
  }

  float[] data() {
    return data;
  }

  /** Floats in a row of the panel that begins at column j0. */
  int width(int j0) {
    return n - j0 > lanes ? panel : lanes;
  }

  /** Where the panel that begins at column j0 starts. */
  int offset(int j0) {
    return j0 * k;
  }
}
