// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.function.BiConsumer;

/**
 * The checked face of the kernels. Matrices are row-major pieces of {@code float[]}: an offset, a
 * stride from row to row, a shape. Wrong shapes are {@link IllegalArgumentException}s that name
 * both sides.
 */
public final class Ops {
  private static final Kernels KERNELS = KernelSelection.select();
  private static final Caches CACHES = Caches.ofThisMachine();
  private static final Gemm GEMM = new Gemm(KERNELS, Gemm.Blocking.of(KERNELS, CACHES));

  private Ops() {}

  static Kernels kernels() {
    return KERNELS;
  }

  /** Returns a description of the kernels in use, such as {@code vector, 16 lanes}. */
  public static String describeKernels() {
    return KERNELS.name;
  }

  /** Returns the most rows of a register tile, of which products are made. */
  public static int tileRows() {
    return KERNELS.tileRows;
  }

  /** Returns the columns of a register tile. */
  public static int panelWidth() {
    return 2 * KERNELS.lanes;
  }

  /**
   * Returns what products are cut for, such as {@code tiles of 10 rows, caches of 48 and 1024 KiB}.
   */
  public static String describeProducts() {
    return "tiles of %d rows, caches of %d and %d KiB"
        .formatted(KERNELS.tileRows, CACHES.first() >> 10, CACHES.second() >> 10);
  }

  /**
   * Computes {@code C[m, N] = (add ? C : 0) + A[m, K] B[K, N]}, with A's element (i, p) at {@code
   * ao + i * as + p}.
   */
  public static void gemm(
      int m, float[] a, int ao, int as, PackedMatrix b, float[] c, int co, int cs, boolean add) {
    checkMatrix("A", a, ao, m, b.k(), as);
    checkMatrix("C", c, co, m, b.n(), cs);
    if (add) {
      GEMM.multiply(m, null, a, ao, as, b, c, co, cs, c, co, cs);
    } else {
      GEMM.multiply(m, null, a, ao, as, b, Gemm.ZERO, 0, 0, c, co, cs);
    }
  }

  /** Computes {@code C[m, N] = bias[N] + A[m, K] B[K, N]}: the bias is added to every row. */
  public static void gemmWithBias(
      int m,
      float[] a,
      int ao,
      int as,
      PackedMatrix b,
      float[] bias,
      int bias0,
      float[] c,
      int co,
      int cs) {
    checkMatrix("A", a, ao, m, b.k(), as);
    checkMatrix("bias", bias, bias0, 1, b.n(), b.n());
    checkMatrix("C", c, co, m, b.n(), cs);
    GEMM.multiply(m, null, a, ao, as, b, bias, bias0, 0, c, co, cs);
  }

  /** Computes {@code C[m, N] = (add ? C : 0) + A[m, K] B[K, N]} for a packed A. */
  public static void gemm(PackedLeft a, PackedMatrix b, float[] c, int co, int cs, boolean add) {
    if (a.k() != b.k()) {
      throw new IllegalArgumentException(
          "A [%d, %d] and B [%d, %d] do not fit together".formatted(a.m(), a.k(), b.k(), b.n()));
    }
    checkMatrix("C", c, co, a.m(), b.n(), cs);
    if (add) {
      GEMM.multiply(a.m(), a, a.data(), 0, 0, b, c, co, cs, c, co, cs);
    } else {
      GEMM.multiply(a.m(), a, a.data(), 0, 0, b, Gemm.ZERO, 0, 0, c, co, cs);
    }
  }

  /**
   * Computes {@code C += A B} for a single register tile, whose factors and result lie as those of
   * a product do on the way: to measure what products are made of.
   *
   * @param a {@code [k, tileRows()]}
   * @param b {@code [k, panelWidth()]}
   * @param c {@code [tileRows(), panelWidth()]}
   */
  public static void tile(int k, float[] a, float[] b, float[] c) {
    int rows = tileRows();
    int width = panelWidth();
    checkMatrix("A", a, 0, k, rows, rows);
    checkMatrix("B", b, 0, k, width, width);
    checkMatrix("C", c, 0, rows, width, width);
    KERNELS.tile(rows, 2, k, a, 0, 0, b, 0, c, 0, width, c, 0, width);
  }

  /** Computes {@code sums[j] += sum over i of x[i, j]} for x {@code [rows, n]}, row by row. */
  public static void addColumnSums(
      float[] x, int xo, int stride, int rows, int n, float[] sums, int so) {
    checkMatrix("x", x, xo, rows, n, stride);
    checkMatrix("sums", sums, so, 1, n, n);
    KERNELS.addColumnSums(rows, n, x, xo, stride, sums, so);
  }

  /** Computes {@code y[i] += x[i]} over n elements. */
  public static void add(float[] x, int xo, float[] y, int yo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  /** Computes {@code z[i] = x[i] + y[i]} over n elements. */
  public static void sum(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    checkMatrix("z", z, zo, 1, n, n);
    for (int i = 0; i < n; i++) {
      z[zo + i] = x[xo + i] + y[yo + i];
    }
  }

  /** Computes {@code x[i] *= y[i]} over n elements. */
  public static void multiply(float[] x, int xo, float[] y, int yo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    for (int i = 0; i < n; i++) {
      x[xo + i] *= y[yo + i];
    }
  }

  /** Computes {@code max[j] = max(max[j], x[i, j] + bias[i])} for x {@code [rows, n]}. */
  public static void columnMax(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max) {
    checkColumns(rows, n, x, xo, bias, bo);
    checkMatrix("max", max, 0, 1, n, n);
    KERNELS.columnMax(rows, n, x, xo, bias, bo, max);
  }

  /**
   * Computes {@code x[i, j] = exp(x[i, j] + bias[i] - max[j])} for x {@code [rows, n]}, and {@code
   * sums[j] += x[i, j]}, row by row.
   */
  public static void columnExp(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums) {
    checkColumns(rows, n, x, xo, bias, bo);
    checkMatrix("max", max, 0, 1, n, n);
    checkMatrix("sums", sums, 0, 1, n, n);
    KERNELS.columnExp(rows, n, x, xo, bias, bo, max, sums);
  }

  private static void checkColumns(int rows, int n, float[] x, int xo, float[] bias, int bo) {
    checkMatrix("x", x, xo, rows, n, n);
    checkMatrix("bias", bias, bo, 1, rows, rows);
  }

  /** Computes {@code out[i] += sum over j of x[i, j] y[j]} for x {@code [rows, n]}. */
  public static void addRowDots(
      int rows, int n, float[] x, int xo, float[] y, int yo, float[] out, int oo) {
    checkMatrix("x", x, xo, rows, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    checkMatrix("out", out, oo, 1, rows, rows);
    KERNELS.addRowDots(rows, n, x, xo, y, yo, out, oo);
  }

  /** Computes {@code y[j] += a x[j]} over n elements, each a fused multiply-add. */
  public static void addScaled(float a, float[] x, int xo, float[] y, int yo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.fma(a, x[xo + j], y[yo + j]);
    }
  }

  /** Computes {@code x = 1 / (1 + exp(-x))} over n elements. */
  public static void sigmoid(float[] x, int xo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    KERNELS.sigmoid(x, xo, n);
  }

  /** Returns the sum of the squares of n elements, in double. */
  public static double sumOfSquares(float[] x, int xo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    return KERNELS.sumOfSquares(x, xo, n);
  }

  /** Computes {@code y = tanh(x)} over n elements; y may be x, at the same place. */
  public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
    checkMatrix("x", x, xo, 1, n, n);
    checkMatrix("y", y, yo, 1, n, n);
    KERNELS.tanh(x, xo, y, yo, n);
  }

  /** Does a cell's step, by one of the methods of {@link CellKernels}. */
  public static void forward(BiConsumer<CellKernels, CellStep> kernel, CellStep step) {
    step.checkForward();
    kernel.accept(KERNELS.cells(), step);
  }

  /** Does a cell's step backwards, likewise. */
  public static void backward(BiConsumer<CellKernels, CellStep> kernel, CellStep step) {
    step.checkBackward();
    kernel.accept(KERNELS.cells(), step);
  }

  static void checkMatrix(String name, float[] x, int xo, int rows, int columns, int stride) {
    long end = rows == 0 || columns == 0 ? xo : xo + (rows - 1L) * stride + columns;
    if (xo < 0 || rows < 0 || columns < 0 || stride < columns || end > x.length) {
      throw new IllegalArgumentException(
          "%s [%d, %d] at offset %d with stride %d does not fit an array of %d floats"
              .formatted(name, rows, columns, xo, stride, x.length));
    }
  }
}
