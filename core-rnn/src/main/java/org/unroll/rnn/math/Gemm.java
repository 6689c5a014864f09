// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The blocked matrix product around the register tiles of {@link Kernels}.
 *
 * <pre>
 *                          B  packed in panels       for blocks of K rows of B
 *                         +----+----+----+             for groups of panels (in the second-level cache)
 *                         |    | [] |    | K             for tiles of rows of A (in the first-level cache)
 *            K            +----+----+----+                 for panels of the group
 *        +--------+       +----+----+----+                   C tile = start tile + A tile x panel
 *   tile |  [  ]  |       |    | [] |    |
 *        +--------+       +----+----+----+           C is walked along its rows, which the processor
 *            A                    C                  fetches ahead
 * </pre>
 *
 * <p>Tiles are nearly equally high, so that none is a poor rest. Every element of C is one chain of
 * fused multiply-adds over k in ascending order, whatever the blocking, so blocking and vector
 * width never change a bit. What the chain starts from (C itself, a bias, zero) is a matrix too,
 * whose rows or columns may stand still: the tile then needs no branch.
 */
final class Gemm {
  /** The most rows of B in a block. */
  private static final int K_BLOCK = 512;

  /** The most floats of a group of panels: 512 KiB. */
  private static final int GROUP = 1 << 17;

  /** The start of products that are not added to anything: a tile's width of zeros. */
  static final float[] ZERO = new float[2 * Kernels.SUM_LANES];

  private final Kernels kernels;

  /** The tile of this thread for a rest that C has no room for. */
  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[16 * 2 * Kernels.SUM_LANES]);

  Gemm(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Computes {@code C = S + A B} over m rows. Element (i, p) of A is at {@code ao + i * as + p},
   * row i of S at {@code so + i * ss}, of C at {@code co + i * cs}. S may be C, {@link #ZERO}, or
   * with {@code ss = 0} a row for all. Numbers instead of views, because a view for each of the
   * many small products of a window would keep the garbage collector busy.
   *
   * @param packed null, or the packed A, whose data are given with {@code as = 0}; its blocks are
   *     such that all panels of B make one group, as far as that leaves a block deep enough
   */
  void multiply(
      int m,
      PackedLeft packed,
      float[] a,
      int ao,
      int as,
      PackedMatrix b,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    int most = GROUP / Math.max(1, b.n());
    int depth = packed == null ? K_BLOCK : Math.max(K_BLOCK / 4, Math.min(K_BLOCK, most));
    int blocks = tiles(b.k(), depth);
    int tiles = packed == null ? tiles(m, kernels.tileRows) : packed.tiles();
    for (int q = 0; q < blocks; q++) {
      int k0 = Team.start(b.k(), q, blocks);
      int k = Team.start(b.k(), q + 1, blocks) - k0;
      int group = group(k);
      for (int j0 = 0; j0 < b.n(); j0 += group) {
        int j1 = Math.min(b.n(), j0 + group);
        for (int t = 0; t < tiles; t++) {
          int i = Team.start(m, t, tiles);
          int rows = Team.start(m, t + 1, tiles) - i;
          int from = packed == null ? ao + i * as + k0 : packed.offset(t) + k0 * rows;
          int to = co + i * cs;
          if (q == 0) {
            tiles(rows, k0, k, a, from, as, b, j0, j1, s, so + i * ss, ss, c, to, cs);
          } else {
            tiles(rows, k0, k, a, from, as, b, j0, j1, c, to, cs, c, to, cs);
          }
        }
      }
    }
  }

  /** Returns the columns of a group of panels of k rows. */
  private int group(int k) {
    int panel = 2 * kernels.lanes;
    return Math.max(1, GROUP / (k * panel)) * panel;
  }

  /** Computes tiles side by side, from column j0 to j1. */
  private void tiles(
      int rows,
      int k0,
      int k,
      float[] a,
      int ao,
      int as,
      PackedMatrix b,
      int j0,
      int j1,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    int lanes = kernels.lanes;
    for (int j = j0; j < j1; j += 2 * lanes) {
      int width = b.width(j);
      int bo = b.offset(j) + k0 * width;
      int columns = Math.min(width, b.n() - j);
      int from = s == ZERO ? 0 : so + j;
      if (columns == width) {
        kernels.tile(rows, width / lanes, k, a, ao, as, b.data(), bo, s, from, ss, c, co + j, cs);
      } else {
        float[] edge = EDGE.get();
        copyRows(rows, columns, s, from, ss, edge, 0, width);
        kernels.tile(
            rows, width / lanes, k, a, ao, as, b.data(), bo, edge, 0, width, edge, 0, width);
        copyRows(rows, columns, edge, 0, width, c, co + j, cs);
      }
    }
  }

  private static void copyRows(
      int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x, xo + i * xs, y, yo + i * ys, columns);
    }
  }

  /** Returns how many tiles of at most a height, all nearly equal, make up a length. */
  static int tiles(int length, int height) {
    return (length + height - 1) / height;
  }
}
