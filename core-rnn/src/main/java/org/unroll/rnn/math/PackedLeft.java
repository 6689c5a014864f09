// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The left factor {@code A = X^T [m, K]} of a product, for an X {@code [K, m]} that lies row by
 * row: copied into tiles of nearly equal height. Read in place, the columns of X would drive each
 * other out of the cache; copied, every tile is read from the first float to the last. One copy
 * serves several products.
 *
 * <pre>
 *   X = | tile 0 | tile 1 | ... |     data = tile 0 row by row, a gap, tile 1 row by row, ...
 * </pre>
 */
public final class PackedLeft {
  /** The rows of X that are copied tile by tile before the next ones. */
  private static final int PIECES = 16;

  /** The floats between tiles: the kernel that copies writes whole vectors. */
  private static final int GAP = Kernels.SUM_LANES;

  private final Kernels kernels = Ops.kernels();
  private float[] data = new float[0];
  private int m;
  private int k;
  private int tiles;

  /** Returns m, the rows of A. */
  public int m() {
    return m;
  }

  /** Returns K, the columns of A. */
  public int k() {
    return k;
  }

  /** Returns the bytes that a packed A {@code [m, K]} takes. */
  public static long bytes(int m, int k) {
    return 4L * (1L * m * k + 1L * Gemm.tiles(m, Ops.kernels().tileRows) * GAP);
  }

  /** Packs {@code A = X^T} with element (p, i) of X at {@code x[xo + p * stride + i]}. */
  public PackedLeft pack(float[] x, int xo, int stride, int k, int m) {
    Ops.checkMatrix("X", x, xo, k, m, stride);
    this.k = k;
    this.m = m;
    tiles = Gemm.tiles(m, kernels.tileRows);
    int size = Math.addExact(Math.multiplyExact(m, k), Math.multiplyExact(tiles, GAP));
    if (data.length < size) {
      data = new float[size];
    }
    for (int p = 0; p < k; p += PIECES) {
      int pieces = Math.min(PIECES, k - p);
      for (int t = 0; t < tiles; t++) {
        int to = offset(t) + p * height(t);
        kernels.copyPieces(pieces, height(t), x, xo + p * stride + first(t), stride, data, to);
      }
    }
    return this;
  }

  float[] data() {
    return data;
  }

  int tiles() {
    return tiles;
  }

  /** Returns the first row of tile t. */
  private int first(int t) {
    return Team.start(m, t, tiles);
  }

  /** Returns the rows of tile t. */
  private int height(int t) {
    return first(t + 1) - first(t);
  }

  /** Returns where tile t, {@code [K, height]}, starts. */
  int offset(int t) {
    return first(t) * k + t * GAP;
  }
}
