// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The blocked matrix product around the register tiles of {@link Kernels}.
 *
 * <pre>
 *                          B  packed in panels       for blocks of K rows of B
 *                         +----+----+----+             for chunks of rows of A, where A is copied
 *                         |    | [] |    | K             for groups of panels (in the second-level cache)
 *            K            +----+----+----+                 for tiles of rows of A (in the first-level cache)
 *        +--------+       +----+----+----+                   for panels of the group
 *   tile |  [  ]  |       |    | [] |    |                     C tile = start tile + A tile x panel
 *        +--------+       +----+----+----+
 *            A                    C                  C is walked along its rows, which the processor
 *                                                    fetches ahead
 * </pre>
 *
 * <p>Tiles are nearly equally high, so that none is a poor rest. Every element of C is one chain of
 * fused multiply-adds over k in ascending order, whatever the blocking, so blocking and vector
 * width never change a bit. What the chain starts from (C itself, a bias, zero) is a matrix too,
 * whose rows or columns may stand still: the tile then needs no branch.
 *
 * <p>With 16 vector registers a tile is small, and the addresses of its rows of A cost it a sixth
 * of its speed. A product of many columns copies its rows of A first, as {@link PackedLeft} does
 * for good.
 */
final class Gemm {
  /** The start of products that are not added to anything: a tile's width of zeros. */
  static final float[] ZERO = new float[2 * Kernels.SUM_LANES];

  /** The tile of this thread for a rest that C has no room for. */
  private static final ThreadLocal<float[]> EDGE =
      ThreadLocal.withInitial(() -> new float[16 * 2 * Kernels.SUM_LANES]);

  /** The rows of A that this thread has copied. */
  private static final ThreadLocal<float[]> COPY = ThreadLocal.withInitial(() -> new float[0]);

  private final Kernels kernels;
  private final Blocking blocking;

  /**
   * How a product is cut.
   *
   * @param depth the most rows of B in a block
   * @param group the most floats of a group of panels
   * @param copied the most floats of a chunk of A
   * @param columns the columns of B from which on A is copied
   */
  record Blocking(int depth, int group, int copied, int columns) {
    /** The deepest block: a longer one saves no more of C's traffic worth having. */
    private static final int DEEPEST = 512;

    /** The columns that make up for copying A: a multiplication of 16 vectors for each float. */
    private static final int WORTH_COPYING = 256;

    /** Returns the rows of a block that lets n columns be one group, if that is deep enough. */
    int depth(int n) {
      return Math.max(depth / 4, Math.min(depth, group / Math.max(1, n)));
    }

    /** Returns the blocking for kernels and caches: half of each is for what stays in it. */
    static Blocking of(Kernels kernels, Caches caches) {
      int tile = caches.first() / 2 / (Float.BYTES * kernels.tileRows);
      int group = caches.second() / 2 / Float.BYTES;
      return new Blocking(
          Math.max(DEEPEST / 4, Math.min(DEEPEST, tile)),
          group,
          group / 2,
          kernels.inPlaceRows < kernels.tileRows ? WORTH_COPYING : Integer.MAX_VALUE);
    }
  }

  Gemm(Kernels kernels, Blocking blocking) {
    this.kernels = kernels;
    this.blocking = blocking;
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
    boolean copying = packed == null && b.n() >= blocking.columns;
    int depth = packed == null ? blocking.depth : blocking.depth(b.n());
    int blocks = tiles(b.k(), depth);
    int height = copying ? kernels.tileRows : kernels.inPlaceRows;
    int tiles = packed == null ? tiles(m, height) : packed.tiles();
    int chunk = copying ? Math.max(1, blocking.copied / (depth * height)) : tiles;
    float[] left = copying ? copy(Math.min(chunk, tiles) * depth * height) : a;
    for (int q = 0; q < blocks; q++) {
      int k0 = Team.start(b.k(), q, blocks);
      int k = Team.start(b.k(), q + 1, blocks) - k0;
      int group = group(k);
      for (int t0 = 0; t0 < tiles; t0 += chunk) {
        int t1 = Math.min(tiles, t0 + chunk);
        int i0 = Team.start(m, t0, tiles);
        for (int t = t0; copying && t < t1; t++) {
          int i = Team.start(m, t, tiles);
          int rows = Team.start(m, t + 1, tiles) - i;
          copyTransposed(rows, k, a, ao + i * as + k0, as, left, (i - i0) * k);
        }
        for (int j0 = 0; j0 < b.n(); j0 += group) {
          int j1 = Math.min(b.n(), j0 + group);
          for (int t = t0; t < t1; t++) {
            int i = Team.start(m, t, tiles);
            int rows = Team.start(m, t + 1, tiles) - i;
            int from =
                packed != null
                    ? packed.offset(t) + k0 * rows
                    : copying ? (i - i0) * k : ao + i * as + k0;
            int to = co + i * cs;
            int stride = copying ? 0 : as;
            if (q == 0) {
              tiles(rows, k0, k, left, from, stride, b, j0, j1, s, so + i * ss, ss, c, to, cs);
            } else {
              tiles(rows, k0, k, left, from, stride, b, j0, j1, c, to, cs, c, to, cs);
            }
          }
        }
      }
    }
  }

  /** Returns this thread's array for rows of A. */
  private static float[] copy(int size) {
    float[] copy = COPY.get();
    if (copy.length < size) {
      copy = new float[size];
      COPY.set(copy);
    }
    return copy;
  }

  /** Copies {@code x [rows, k]} as {@code [k, rows]}. */
  private static void copyTransposed(
      int rows, int k, float[] x, int xo, int stride, float[] to, int at) {
    for (int i = 0; i < rows; i++) {
      int row = xo + i * stride;
      int q = at + i;
      for (int p = 0; p < k; p++) {
        to[q] = x[row + p];
        q += rows;
      }
    }
  }

  /** Returns the columns of a group of panels of k rows. */
  private int group(int k) {
    int panel = 2 * kernels.lanes;
    return Math.max(1, blocking.group / (k * panel)) * panel;
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
