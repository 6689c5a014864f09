// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The arithmetic that decides the speed of training, of which there is a scalar and a vector form.
 * Both give equal elements, bit for bit: every product is a fused multiply-add in the same order,
 * and every reduction runs over {@value #SUM_LANES} partial sums whatever the width of a vector.
 * {@link Ops} checks the arguments; implementations do not.
 *
 * <p>Matrices are row-major; {@code xo} is the index of the first element of {@code x}.
 */
interface Kernels {
  /** The partial sums of a reduction: element i belongs to sum {@code i % SUM_LANES}. */
  int SUM_LANES = 16;

  /** The independent chains of {@link #peak}. */
  int PEAK_CHAINS = 16;

  /** Returns what to show in a log, such as {@code vector, 16 lanes}. */
  String name();

  /** Returns the floats of a vector; a panel of a packed matrix is one or two vectors wide. */
  int lanes();

  /** Returns the largest height of a register tile. */
  int tileRows();

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
      int cs);

  /**
   * Copies k pieces of n floats, {@code stride} apart, one behind the other. What follows the last
   * piece in {@code to}, up to a vector's width, is undefined afterwards.
   */
  void copyPieces(int k, int n, float[] from, int fo, int stride, float[] to, int at);

  /** Computes {@code x = tanh(x)} over n elements. */
  void tanh(float[] x, int xo, int n);

  /** Computes {@code x = 1 / (1 + exp(-x))} over n elements. */
  void sigmoid(float[] x, int xo, int n);

  /**
   * Computes {@code sums[j] += sum over i of x[i, j]}, row by row; rows are {@code stride} apart.
   */
  void addColumnSums(int rows, int n, float[] x, int xo, int stride, float[] sums, int so);

  /** Computes {@code max[j] = max(max[j], x[i, j] + bias[i])} for x {@code [rows, n]}. */
  void columnMax(int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max);

  /**
   * Computes {@code x[i, j] = exp(x[i, j] + bias[i] - max[j])} for x {@code [rows, n]}, and {@code
   * sums[j] += x[i, j]}, row by row.
   */
  void columnExp(
      int rows, int n, float[] x, int xo, float[] bias, int bo, float[] max, float[] sums);

  /** Computes {@code out[i] += sum over j of x[i, j] y[j]} for x {@code [rows, n]}. */
  void addRowDots(int rows, int n, float[] x, int xo, float[] y, float[] out, int oo);

  /** Returns the sum of the squares of n elements, in double. */
  double sumOfSquares(float[] x, int xo, int n);

  /** Returns the steps of the recurrent cells. */
  CellKernels cells();

  /** Returns the additions and multiplications of a pass of {@link #peak}. */
  int peakFlops();

  /** Runs passes of the loop of {@link Peak}; returns a number that depends on all of them. */
  float peak(int passes);
}
