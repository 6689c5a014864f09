// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * What happens to the gates of a recurrent cell once the products are made, in the manner of {@link
 * Kernels}. Arrays are {@code [rows, width]} unless said otherwise.
 */
interface CellKernels {
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
