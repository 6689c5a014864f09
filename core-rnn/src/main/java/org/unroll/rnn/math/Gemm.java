// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The blocked matrix product around the register tile of {@link Kernels}.
 *
 * <pre>
 *   for blocks of K rows of B (a panel's block stays in the first-level cache)
 *     for blocks of rows of A (the block stays in the second-level cache)
 *       for panels of B
 *         for tiles of rows: all nearly equally high, so that no tile is a poor rest
 *           C tile = start tile + A tile x panel block
 * </pre>
 *
 * Every element of C is one chain of fused multiply-adds over k in ascending order, whatever the
 * blocking, so blocking and vector width never change a bit. What the chain starts from (C itself,
 * a bias, zero) is a matrix too, whose rows or columns may stand still: the tile then needs no
 * branch.
 */
final class Gemm {
  /** Rows of a panel's block: 256 x 32 floats are 32 KiB. */
  private static final int K_BLOCK = 256;

  /** Rows of A per block: 512 x 256 floats are 512 KiB. */
  private static final int M_BLOCK = 512;

  /** Lines of A this far apart, in floats, fall into the same set of the first-level cache. */
  private static final int CACHE_WAY = 1024;

  /** What products that are not added to anything start from: a tile's width of zeros. */
  static final float[] ZERO = new float[2 * Kernels.SUM_LANES];

  private final Kernels kernels;

  /** This thread's copies: a block of A, and a tile that C has no room for. */
  private static final ThreadLocal<float[]> BLOCK =
      ThreadLocal.withInitial(() -> new float[M_BLOCK * K_BLOCK]);

  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[16 * 2 * Kernels.SUM_LANES]);

  Gemm(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * {@code C = S + A B} over m rows. Element (i, p) of A is at {@code ao + i * ar + p * ac}; row i
   * of S at {@code so + i * ss}, of C at {@code co + i * cs}. S may be C, {@link #ZERO}, or with
   * {@code ss = 0} a row for all. Numbers instead of views, because a view for each of the many
   * small products of a window would keep the garbage collector busy.
   */
  void multiply(
      int m,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    int blocks = (b.k() + K_BLOCK - 1) / K_BLOCK;
    for (int q = 0; q < blocks; q++) {
      int k0 = share(b.k(), q, blocks);
      int k = share(b.k(), q + 1, blocks) - k0;
      for (int i0 = 0; i0 < m; i0 += M_BLOCK) {
        int rows = Math.min(M_BLOCK, m - i0);
        int block = ao + i0 * ar + k0 * ac;
        int to = co + i0 * cs;
        if (q == 0) {
          panels(rows, k0, k, a, block, ar, ac, b, s, so + i0 * ss, ss, c, to, cs);
        } else {
          panels(rows, k0, k, a, block, ar, ac, b, c, to, cs, c, to, cs);
        }
      }
    }
  }

  private void panels(
      int m,
      int k0,
      int k,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    int lanes = kernels.lanes();
    int tiles = (m + kernels.tileRows() - 1) / kernels.tileRows();
    boolean copied = ac != 1 || ar % CACHE_WAY == 0;
    float[] x = copied ? copyBlock(m, k, a, ao, ar, ac, tiles) : a;
    for (int j0 = 0; j0 < b.n(); j0 += 2 * lanes) {
      int width = b.width(j0);
      int vectors = width / lanes;
      int bo = b.offset(j0) + k0 * width;
      int columns = Math.min(width, b.n() - j0);
      for (int t = 0; t < tiles; t++) {
        int i0 = share(m, t, tiles);
        int rows = share(m, t + 1, tiles) - i0;
        int xo = copied ? i0 * k : ao + i0 * ar;
        int xr = copied ? 1 : ar;
        int xc = copied ? rows : 1;
        int from = s == ZERO ? 0 : so + i0 * ss + j0;
        int to = co + i0 * cs + j0;
        if (columns == width) {
          kernels.tile(rows, vectors, k, x, xo, xr, xc, b.data(), bo, s, from, ss, c, to, cs);
        } else {
          float[] tile = EDGE.get();
          copyRows(rows, columns, s, from, ss, tile, 0, width);
          kernels.tile(
              rows, vectors, k, x, xo, xr, xc, b.data(), bo, tile, 0, width, tile, 0, width);
          copyRows(rows, columns, tile, 0, width, c, to, cs);
        }
      }
    }
  }

  /**
   * Copies a block of A tile by tile, each {@code [k, rows]}. Read in place, the columns of a
   * transposed A, or rows a multiple of {@link #CACHE_WAY} apart, would drive each other out of the
   * cache.
   */
  private static float[] copyBlock(int m, int k, float[] a, int ao, int ar, int ac, int tiles) {
    float[] block = BLOCK.get();
    for (int t = 0; t < tiles; t++) {
      int i0 = share(m, t, tiles);
      int rows = share(m, t + 1, tiles) - i0;
      int to = i0 * k;
      int from = ao + i0 * ar;
      if (ac == 1) {
        for (int i = 0; i < rows; i++) {
          for (int p = 0; p < k; p++) {
            block[to + p * rows + i] = a[from + i * ar + p];
          }
        }
      } else {
        for (int p = 0; p < k; p++) {
          for (int i = 0; i < rows; i++) {
            block[to + p * rows + i] = a[from + p * ac + i * ar];
          }
        }
      }
    }
    return block;
  }

  private static void copyRows(
      int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x, xo + i * xs, y, yo + i * ys, columns);
    }
  }

  /** Where part i of n equal parts of a length begins. */
  private static int share(int length, int i, int parts) {
    return (int) ((long) length * i / parts);
  }
}
