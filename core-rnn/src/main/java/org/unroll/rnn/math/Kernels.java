// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * The arithmetic that decides the speed of training, one element at a time: the reference, and the
 * fallback where {@link VectorKernels} cannot be used. Both give equal elements, bit for bit: every
 * product is a fused multiply-add in the same order, and every reduction runs over {@value
 * #SUM_LANES} partial sums whatever the width of a vector. {@link Ops} checks the arguments, and
 * says what methods of the same name compute.
 *
 * <p>Matrices are row-major; {@code xo} is the index of the first element of {@code x}.
 */
class Kernels {
  /** The partial sums of a reduction: element i belongs to sum {@code i % SUM_LANES}. */
  static final int SUM_LANES = 16;

  /** The independent chains of {@link #peak}. */
  static final int PEAK_CHAINS = 16;

  /** The name to show in a log, such as {@code vector, 16 lanes}. */
  final String name;

  /** The floats of a vector; a panel of a packed matrix is one or two vectors wide. */
  final int lanes;

  /** The largest height of a register tile that reads a copied A. */
  final int tileRows;

  /** The largest height of a register tile that reads A where it lies. */
  final int inPlaceRows;

  // This thread's arrays for partial sums, with any contents.
  static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[SUM_LANES]);
  static final ThreadLocal<double[]> SQUARE_SUMS =
      ThreadLocal.withInitial(() -> new double[SUM_LANES]);

  private final CellKernels cells;

  /** Makes the reference. */
  Kernels() {
    this("scalar", SUM_LANES, 4, 4);
  }

  /** Makes kernels of another form, which override everything. */
  Kernels(String name, int lanes, int tileRows, int inPlaceRows) {
    this.name = name;
    this.lanes = lanes;
    this.tileRows = tileRows;
    this.inPlaceRows = inPlaceRows;
    cells = new CellKernels(this);
  }

  /**
   * Computes one register tile, {@code C[rows, vectors * lanes] = S + A[rows, k] B[k, vectors *
   * lanes]}, where element (i, p) of A is at {@code ao + i * as + p}, or with {@code as = 0} at
   * {@code ao + p * rows + i}, row p of B at {@code bo + p * vectors * lanes}, row i of S at {@code
   * so + i * ss} (it may be C itself) and row i of C at {@code co + i * cs}.
   */
  void tile(
      int rows,
      int vectors,
      int k,
      float[] a,
      int ao,
      int as,
      float[] b,
      int bo,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs) {
    int width = vectors * SUM_LANES;
    int ar = as == 0 ? 1 : as;
    int ac = as == 0 ? rows : 1;
    for (int i = 0; i < rows; i++) {
      int row = co + i * cs;
      System.arraycopy(s, so + i * ss, c, row, width);
      for (int p = 0; p < k; p++) {
        float x = a[ao + i * ar + p * ac];
        int panelRow = bo + p * width;
        for (int j = 0; j < width; j++) {
          c[row + j] = Math.fma(x, b[panelRow + j], c[row + j]);
        }
      }
    }
  }

  /**
   * Copies k pieces of n floats, {@code stride} apart, one behind the other. What follows the last
   * piece in {@code to}, up to a vector's width, is undefined afterwards.
   */
  void copyPieces(int k, int n, float[] from, int fo, int stride, float[] to, int at) {
    for (int p = 0; p < k; p++) {
      for (int i = 0; i < n; i++) {
        to[at + p * n + i] = from[fo + p * stride + i];
      }
    }
  }

  void tanh(float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarMath.tanh(x[xo + i]);
    }
  }

  void sigmoid(float[] x, int xo, int n) {
    for (int i = xo; i < xo + n; i++) {
      x[i] = ScalarMath.sigmoid(x[i]);
    }
  }

  void addColumnSums(int rows, int n, float[] x, int xo, int stride, float[] sums, int so) {
    for (int j = 0; j < n; j++) {
      float sum = sums[so + j];
      for (int i = 0; i < rows; i++) {
        sum += x[xo + i * stride + j];
      }
      sums[so + j] = sum;
    }
  }

  void columnMax(int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max) {
    columnMax(0, rows, n, x, xo, bias, bo, max);
  }

  static void columnMax(
      int j0, int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max) {
    for (int i = 0; i < rows; i++) {
      for (int j = j0; j < n; j++) {
        max[j] = Math.max(max[j], x[xo + i * n + j] + bias[bo + i]);
      }
    }
  }

  void columnExp(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums) {
    columnExp(0, rows, n, x, xo, bias, bo, max, sums);
  }

  static void columnExp(
      int j0, int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums) {
    for (int i = 0; i < rows; i++) {
      for (int j = j0; j < n; j++) {
        int at = xo + i * n + j;
        float e = ScalarMath.exp(x[at] + bias[bo + i] - max[j]);
        x[at] = e;
        sums[j] += e;
      }
    }
  }

  void addRowDots(int rows, int n, float[] x, int xo, float[] y, int yo, float[] out, int oo) {
    float[] sums = SUMS.get();
    for (int i = 0; i < rows; i++) {
      Arrays.fill(sums, 0);
      addProducts(0, n, x, xo + i * n, y, yo, sums);
      out[oo + i] += total(sums);
    }
  }

  double sumOfSquares(float[] x, int xo, int n) {
    double[] sums = SQUARE_SUMS.get();
    Arrays.fill(sums, 0);
    addSquares(0, n, x, xo, sums);
    return total(sums);
  }

  /**
   * Adds the squares of elements [from, n) to the partial sums; also of those that vectors leave
   * over.
   */
  static void addSquares(int from, int n, float[] x, int xo, double[] sums) {
    for (int j = from; j < n; j++) {
      double element = x[xo + j];
      sums[j % SUM_LANES] = Math.fma(element, element, sums[j % SUM_LANES]);
    }
  }

  /** Adds the partial sums in their order. */
  static double total(double[] sums) {
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }

  /** Adds the products of elements [from, n) to the partial sums; also those vectors leave over. */
  static void addProducts(int from, int n, float[] x, int xo, float[] y, int yo, float[] sums) {
    for (int j = from; j < n; j++) {
      sums[j % SUM_LANES] = Math.fma(x[xo + j], y[yo + j], sums[j % SUM_LANES]);
    }
  }

  /** Adds the partial sums in their order. */
  static float total(float[] sums) {
    float total = 0;
    for (float sum : sums) {
      total += sum;
    }
    return total;
  }

  /** Returns the steps of the recurrent cells. */
  CellKernels cells() {
    return cells;
  }

  /** Returns the additions and multiplications of a pass of {@link #peak}. */
  int peakFlops() {
    return 2 * PEAK_CHAINS;
  }

  /** Runs passes of the loop of {@link Peak}; returns a number that depends on all of them. */
  float peak(int passes) {
    float s0 = Peak.start(0);
    float s1 = Peak.start(1);
    float s2 = Peak.start(2);
    float s3 = Peak.start(3);
    float s4 = Peak.start(4);
    float s5 = Peak.start(5);
    float s6 = Peak.start(6);
    float s7 = Peak.start(7);
    float s8 = Peak.start(8);
    float s9 = Peak.start(9);
    float s10 = Peak.start(10);
    float s11 = Peak.start(11);
    float s12 = Peak.start(12);
    float s13 = Peak.start(13);
    float s14 = Peak.start(14);
    float s15 = Peak.start(15);
    for (int p = 0; p < passes; p++) {
      s0 = Math.fma(s0, s0, s0);
      s1 = Math.fma(s1, s1, s1);
      s2 = Math.fma(s2, s2, s2);
      s3 = Math.fma(s3, s3, s3);
      s4 = Math.fma(s4, s4, s4);
      s5 = Math.fma(s5, s5, s5);
      s6 = Math.fma(s6, s6, s6);
      s7 = Math.fma(s7, s7, s7);
      s8 = Math.fma(s8, s8, s8);
      s9 = Math.fma(s9, s9, s9);
      s10 = Math.fma(s10, s10, s10);
      s11 = Math.fma(s11, s11, s11);
      s12 = Math.fma(s12, s12, s12);
      s13 = Math.fma(s13, s13, s13);
      s14 = Math.fma(s14, s14, s14);
      s15 = Math.fma(s15, s15, s15);
    }
    float low = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
    float high = s8 + s9 + s10 + s11 + s12 + s13 + s14 + s15;
    return low + high;
  }
}
