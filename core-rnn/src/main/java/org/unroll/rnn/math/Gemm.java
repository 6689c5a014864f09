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

  private static final Strided ZERO = new Strided(new float[2 * Kernels.SUM_LANES], 0, 0, 0);

  private final Kernels kernels;

  /** This thread's copies: a block of A, and a tile that C has no room for. */
  private static final ThreadLocal<float[]> BLOCK =
      ThreadLocal.withInitial(() -> new float[M_BLOCK * K_BLOCK]);

  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[16 * 2 * Kernels.SUM_LANES]);

  Gemm(Kernels kernels) {
    this.kernels = kernels;
  }

  /** {@code C = A B} over m rows. */
  void multiply(int m, Strided a, PackedMatrix b, Strided c) {
    multiply(m, a, b, ZERO, c);
  }

  /** {@code C = S + A B} over m rows; S may be C. */
  void multiply(int m, Strided a, PackedMatrix b, Strided s, Strided c) {
    int blocks = (b.k() + K_BLOCK - 1) / K_BLOCK;
    for (int q = 0; q < blocks; q++) {
      int k0 = share(b.k(), q, blocks);
      int k = share(b.k(), q + 1, blocks) - k0;
      for (int i0 = 0; i0 < m; i0 += M_BLOCK) {
        int rows = Math.min(M_BLOCK, m - i0);
        Strided start = q == 0 ? s : c;
        panels(rows, k0, k, a.from(i0, k0), b, start.from(i0, 0), c.from(i0, 0));
      }
    }
  }

  private void panels(int m, int k0, int k, Strided a, PackedMatrix b, Strided s, Strided c) {
    int lanes = kernels.lanes();
    int tiles = (m + kernels.tileRows() - 1) / kernels.tileRows();
    boolean copied = a.columnStride() != 1 || a.rowStride() % CACHE_WAY == 0;
    float[] x = copied ? copyBlock(m, k, a, tiles) : a.data();
    for (int j0 = 0; j0 < b.n(); j0 += 2 * lanes) {
      int width = b.width(j0);
      int vectors = width / lanes;
      int bo = b.offset(j0) + k0 * width;
      int columns = Math.min(width, b.n() - j0);
      for (int t = 0; t < tiles; t++) {
        int i0 = share(m, t, tiles);
        int rows = share(m, t + 1, tiles) - i0;
        int ao = copied ? i0 * k : a.at(i0, 0);
        int ar = copied ? 1 : a.rowStride();
        int ac = copied ? rows : 1;
        int so = s.at(i0, j0);
        int co = c.at(i0, j0);
        if (columns == width) {
          kernels.tile(
              rows,
              vectors,
              k,
              x,
              ao,
              ar,
              ac,
              b.data(),
              bo,
              s.data(),
              so,
              s.rowStride(),
              c.data(),
              co,
              c.rowStride());
        } else {
          float[] tile = EDGE.get();
          copyRows(rows, columns, s.data(), so, s.rowStride(), tile, 0, width);
          kernels.tile(
              rows, vectors, k, x, ao, ar, ac, b.data(), bo, tile, 0, width, tile, 0, width);
          copyRows(rows, columns, tile, 0, width, c.data(), co, c.rowStride());
        }
      }
    }
  }

  /**
   * Copies a block of A tile by tile, each {@code [k, rows]}. Read in place, the columns of a
   * transposed A, or rows a multiple of {@link #CACHE_WAY} apart, would drive each other out of the
   * cache.
   */
  private static float[] copyBlock(int m, int k, Strided a, int tiles) {
    float[] block = BLOCK.get();
    float[] x = a.data();
    for (int t = 0; t < tiles; t++) {
      int i0 = share(m, t, tiles);
      int rows = share(m, t + 1, tiles) - i0;
      int to = i0 * k;
      int from = a.at(i0, 0);
      if (a.columnStride() == 1) {
        for (int i = 0; i < rows; i++) {
          for (int p = 0; p < k; p++) {
            block[to + p * rows + i] = x[from + i * a.rowStride() + p];
          }
        }
      } else {
        for (int p = 0; p < k; p++) {
          for (int i = 0; i < rows; i++) {
            block[to + p * rows + i] = x[from + p * a.columnStride() + i * a.rowStride()];
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
