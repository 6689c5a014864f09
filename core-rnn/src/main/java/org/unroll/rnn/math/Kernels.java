// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The arithmetic that decides the speed of training, of which there is a scalar and a vector form.
 * Both give equal elements, bit for bit: every product is a fused multiply-add in the same order,
 * and every reduction runs over {@value #SUM_LANES} partial sums whatever the width of a vector.
 * {@link Ops} checks the arguments, and says what methods of the same name compute; implementations
 * check nothing.
 *
 * <p>Matrices are row-major; {@code xo} is the index of the first element of {@code x}.
 */
abstract class Kernels {
  /** The partial sums of a reduction: element i belongs to sum {@code i % SUM_LANES}. */
  static final int SUM_LANES = 16;

  /** The independent chains of {@link #peak}. */
  static final int PEAK_CHAINS = 16;

  /** The name to show in a log, such as {@code vector, 16 lanes}. */
  final String name;

  /** The floats of a vector; a panel of a packed matrix is one or two vectors wide. */
  final int lanes;

  /** The largest height of a register tile. */
  final int tileRows;

  Kernels(String name, int lanes, int tileRows) {
    this.name = name;
    this.lanes = lanes;
    this.tileRows = tileRows;
  }

  /**
   * Computes one register tile, {@code C[rows, vectors * lanes] = S + A[rows, k] B[k, vectors *
   * lanes]}, where element (i, p) of A is at {@code ao + i * as + p}, or with {@code as = 0} at
   * {@code ao + p * rows + i}, row p of B at {@code bo + p * vectors * lanes}, row i of S at {@code
   * so + i * ss} (it may be C itself) and row i of C at {@code co + i * cs}.
   */
  abstract void tile(
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
      int cs);

  /**
   * Copies k pieces of n floats, {@code stride} apart, one behind the other. What follows the last
   * piece in {@code to}, up to a vector's width, is undefined afterwards.
   */
  abstract void copyPieces(int k, int n, float[] from, int fo, int stride, float[] to, int at);

  abstract void tanh(float[] x, int xo, float[] y, int yo, int n);

  abstract void sigmoid(float[] x, int xo, int n);

  abstract void addColumnSums(int rows, int n, float[] x, int xo, int stride, float[] sums, int so);

  abstract void columnMax(int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max);

  abstract void columnExp(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums);

  abstract void addRowDots(int rows, int n, float[] x, int xo, float[] y, float[] out, int oo);

  abstract double sumOfSquares(float[] x, int xo, int n);

  /** Returns the steps of the recurrent cells. */
  abstract CellKernels cells();

  /** Returns the additions and multiplications of a pass of {@link #peak}. */
  abstract int peakFlops();

  /** Runs passes of the loop of {@link Peak}; returns a number that depends on all of them. */
  abstract float peak(int passes);
}
