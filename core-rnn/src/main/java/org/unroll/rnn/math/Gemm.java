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
 *           C tile (+)= A tile x panel block
 * </pre>
 *
 * Every element of C is one chain of fused multiply-adds over k in ascending order, whatever the
 * blocking, so blocking and vector width never change a bit.
 */
final class Gemm {
  /** Rows of a panel's block: 256 x 32 floats are 32 KiB. */
  private static final int K_BLOCK = 256;

  /** Rows of A per block: 1,024 x 256 floats are 1 MiB. */
  private static final int M_BLOCK = 1024;

  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[64 * 2 * Kernels.SUM_LANES]);

  private final Kernels kernels;

  Gemm(Kernels kernels) {
    this.kernels = kernels;
  }

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
    int blocks = (b.k() + K_BLOCK - 1) / K_BLOCK;
    for (int q = 0; q < blocks; q++) {
      int k0 = share(b.k(), q, blocks);
      int k = share(b.k(), q + 1, blocks) - k0;
      for (int i0 = 0; i0 < m; i0 += M_BLOCK) {
        int rows = Math.min(M_BLOCK, m - i0);
        int aBlock = ao + i0 * ar + k0 * ac;
        panels(rows, k0, k, a, aBlock, ar, ac, b, c, co + i0 * cs, cs, add || q > 0);
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
      float[] c,
      int co,
      int cs,
      boolean add) {
    int lanes = kernels.lanes();
    int tiles = (m + kernels.tileRows() - 1) / kernels.tileRows();
    for (int j0 = 0; j0 < b.n(); j0 += 2 * lanes) {
      int width = b.width(j0);
      int bo = b.offset(j0) + k0 * width;
      boolean edge = b.n() - j0 < width;
      for (int t = 0; t < tiles; t++) {
        int i0 = share(m, t, tiles);
        int rows = share(m, t + 1, tiles) - i0;
        int at = co + i0 * cs + j0;
        if (edge) {
          edgeTile(rows, width, b.n() - j0, k, a, ao + i0 * ar, ar, ac, b, bo, c, at, cs, add);
        } else {
          kernels.tile(
              rows, width / lanes, k, a, ao + i0 * ar, ar, ac, b.data(), bo, c, at, cs, add);
        }
      }
    }
  }

  /** A tile that reaches over C's last column is computed beside C. */
  private void edgeTile(
      int rows,
      int width,
      int columns,
      int k,
      float[] a,
      int ao,
      int ar,
      int ac,
      PackedMatrix b,
      int bo,
      float[] c,
      int co,
      int cs,
      boolean add) {
    float[] tile = EDGE.get();
    if (add) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(c, co + i * cs, tile, i * width, columns);
      }
    }
    kernels.tile(
        rows, width / kernels.lanes(), k, a, ao, ar, ac, b.data(), bo, tile, 0, width, add);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(tile, i * width, c, co + i * cs, columns);
    }
  }

  /** Where part i of n equal parts of a length begins. */
  private static int share(int length, int i, int parts) {
    return (int) ((long) length * i / parts);
  }
}
