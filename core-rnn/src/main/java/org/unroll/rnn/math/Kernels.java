// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The arithmetic that decides the speed of training. Implementations give equal elements, bit for
 * bit: every product is a fused multiply-add in the same order, and every reduction runs over
 * {@value #SUM_LANES} partial sums whatever the width of a vector. {@link Ops} checks the
 * arguments; implementations do not.
 *
 * <p>Matrices are row-major; {@code xo} is the index of the first element of {@code x}.
 */
interface Kernels {
  /** Partial sums of a reduction: element i belongs to sum {@code i % SUM_LANES}. */
  int SUM_LANES = 16;

  /** What to show in a log, such as {@code vector, 16 lanes}. */
  String name();

  /** Floats of a vector; a panel of a packed matrix is one or two vectors wide. */
  int lanes();

  /** Largest height of a register tile. */
  int tileRows();

  /**
   * One register tile: {@code C[rows, vectors * lanes] = S + A[rows, k] B[k, vectors * lanes]},
   * where element (i, p) of A is at {@code ao + i * ar + p * ac}, row p of B at {@code bo + p *
   * vectors * lanes} row i of S at {@code so + i * ss} (it may be C itself) and row i of C at
   * {@code co + i * cs}.
   */
  void tile(
      int rows,
      int vectors,
      int k,
      float[] a,
      int ao,
      int ar,
      int ac,
      float[] b,
      int bo,
      float[] s,
      int so,
      int ss,
      float[] c,
      int co,
      int cs);

  /** {@code x = exp(x)} over n elements. */
  void exp(float[] x, int xo, int n);

  /** {@code x = tanh(x)} over n elements. */
  void tanh(float[] x, int xo, int n);

  /** {@code x = 1 / (1 + exp(-x))} over n elements. */
  void sigmoid(float[] x, int xo, int n);

  /** The largest of n elements. */
  float max(float[] x, int xo, int n);

  /** {@code x = exp(x - shift)} over n elements; returns their sum. */
  float expAndSum(float[] x, int xo, int n, float shift);

  /** {@code x = factor * x} over n elements. */
  void scale(float[] x, int xo, int n, float factor);

  /** {@code h = tanh(gates)}, rows x H. */
  void elmanTanhForward(int rows, int width, float[] gates, int go, float[] h, int ho);

  /**
   * The LSTM's step. Gates {@code [rows, 4H]} hold the products with biases and are replaced by the
   * activations i, f, g, o; {@code c' = f c + i g}, {@code h = o tanh(c')}.
   */
  void lstmForward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] cPrevious,
      int po,
      float[] c,
      int co,
      float[] h,
      int ho);

  /**
   * The LSTM's step backwards. {@code dy + dh} is the gradient of h; {@code dc} that of c',
   * replaced by that of c; the activations are replaced by the gradients of what went into the
   * gates.
   */
  void lstmBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] cPrevious,
      int po,
      float[] c,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      int dho,
      float[] dc,
      int dco);

  /**
   * The GRU's step. Gates {@code [rows, 3H]} hold for r and z both products, for n that of the
   * input, and are replaced by the activations; {@code candidate} holds the recurrent product of n
   * with its bias; {@code h' = n + z (h - n)}.
   */
  void gruForward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] candidate,
      int no,
      float[] hPrevious,
      int po,
      float[] h,
      int ho);

  /**
   * The GRU's step backwards. {@code dy + dh} is the gradient of h'; activations and candidate are
   * replaced by the gradients of the products, and {@code dhPrevious} is set to the part of the
   * gradient of h that passes by the products.
   */
  void gruBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] candidate,
      int no,
      float[] hPrevious,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      int dho,
      float[] dhPrevious,
      int dpo);
}
