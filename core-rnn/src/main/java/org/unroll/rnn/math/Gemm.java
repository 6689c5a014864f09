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

  /** Rows of A per block: 1,024 x 256 floats are 1 MiB. */
  private static final int M_BLOCK = 1024;

  private static final float[] ZEROS = new float[2 * Kernels.SUM_LANES];

  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[16 * 2 * Kernels.SUM_LANES]);

  private final Kernels kernels;

  Gemm(Kernels kernels) {
    this.kernels = kernels;
  }

  /** {@code C = A B}, or {@code C += A B}. */
  void multiply(
      int m,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      float[] c,
      int co,
      int cs,
      boolean add) {
    if (add) {
      multiply(m, a, ao, ar, ac, b, c, co, cs, 1, c, co, cs);
    } else {
      multiply(m, a, ao, ar, ac, b, ZEROS, 0, 0, 0, c, co, cs);
    }
  }

  /** {@code C = bias + A B} with the same bias {@code [N]} in every row. */
  void multiplyWithBias(
      int m,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      float[] bias,
      int bias0,
      float[] c,
      int co,
      int cs) {
    multiply(m, a, ao, ar, ac, b, bias, bias0, 0, 1, c, co, cs);
  }

  /**
   * {@code C = S + A B} where element (i, j) of S is at {@code so + i * sr + j * sc}; sc is 0 or 1.
   */
  private void multiply(
      int m,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      float[] s,
      int so,
      int sr,
      int sc,
      float[] c,
      int co,
      int cs) {
    int blocks = (b.k() + K_BLOCK - 1) / K_BLOCK;
    for (int q = 0; q < blocks; q++) {
      int k0 = share(b.k(), q, blocks);
      int k = share(b.k(), q + 1, blocks) - k0;
      for (int i0 = 0; i0 < m; i0 += M_BLOCK) {
        int rows = Math.min(M_BLOCK, m - i0);
        int aAt = ao + i0 * ar + k0 * ac;
        int cAt = co + i0 * cs;
        if (q == 0) {
          panels(rows, k0, k, a, aAt, ar, ac, b, s, so + i0 * sr, sr, sc, c, cAt, cs);
        } else {
          panels(rows, k0, k, a, aAt, ar, ac, b, c, cAt, cs, 1, c, cAt, cs);
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
      int sr,
      int sc,
      float[] c,
      int co,
      int cs) {
    int lanes = kernels.lanes();
    int tiles = (m + kernels.tileRows() - 1) / kernels.tileRows();
    for (int j0 = 0; j0 < b.n(); j0 += 2 * lanes) {
      int width = b.width(j0);
      int bo = b.offset(j0) + k0 * width;
      int columns = Math.min(width, b.n() - j0);
      for (int t = 0; t < tiles; t++) {
        int i0 = share(m, t, tiles);
        int rows = share(m, t + 1, tiles) - i0;
        int aAt = ao + i0 * ar;
        int sAt = so + i0 * sr + j0 * sc;
        int cAt = co + i0 * cs + j0;
        if (columns == width) {
          kernels.tile(
              rows, width / lanes, k, a, aAt, ar, ac, b.data(), bo, s, sAt, sr, c, cAt, cs);
        } else {
          edgeTile(rows, columns, width, k, a, aAt, ar, ac, b, bo, s, sAt, sr, c, cAt, cs);
        }
      }
    }
  }

  /** A tile that reaches over C's last column is computed beside C. */
  private void edgeTile(
      int rows,
      int columns,
      int width,
      int k,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      int bo,
      float[] s,
      int so,
      int sr,
      float[] c,
      int co,
      int cs) {
    float[] tile = EDGE.get();
    for (int i = 0; i < rows; i++) {
      System.arraycopy(s, so + i * sr, tile, i * width, columns);
    }
    int vectors = width / kernels.lanes();
    kernels.tile(rows, vectors, k, a, ao, ar, ac, b.data(), bo, tile, 0, width, tile, 0, width);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(tile, i * width, c, co + i * cs, columns);
    }
  }

  /** Where part i of n equal parts of a length begins. */
  private static int share(int length, int i, int parts) {
    return (int) ((long) length * i / parts);
  }
}
