// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The steps of the recurrent cells, forward and backward, once the matrix products are made; in two
 * forms like {@link Kernels}. Arrays are {@code [rows, width]}, with {@code width} the H units of a
 * layer, unless said otherwise. {@code s} is the logistic function; operations are elementwise, and
 * a fused multiply-add where a product is added.
 */
interface CellKernels {
  /** Does the Elman cell's step, {@code h = tanh(gates)}; it goes back through h alone. */
  void elmanTanhForward(int rows, int width, float[] gates, int go, float[] h, int ho);

  /**
   * Does the LSTM's step (Hochreiter and Schmidhuber 1997; Gers et al. 2000, with a forget gate).
   *
   * <pre>
   *   i = s(a_i)    f = s(a_f)    g = tanh(a_g)    o = s(a_o)
   *   c' = f c + i g              h' = o tanh(c')
   * </pre>
   *
   * @param gates the products with biases a {@code [rows, 4H]}, replaced by the activations i, f,
   *     g, o
   * @param c has c at {@code po} and takes c' at {@code co}
   * @param h takes h'
   */
  void lstmForward(
      int rows, int width, float[] gates, int go, float[] c, int po, int co, float[] h, int ho);

  /**
   * Does the LSTM's step backwards, with {@code t = tanh(c')} and the gradient {@code d = dy + dh}
   * of h'.
   *
   * <pre>
   *   e    = dc' + d o (1 - t^2)          the gradient of c' by both ways
   *   da_i = e g i (1 - i)                da_f = e c f (1 - f)
   *   da_g = e i (1 - g^2)                da_o = d t o (1 - o)
   *   dc   = e f
   * </pre>
   *
   * @param gates the activations i, f, g, o, replaced by the gradients da
   * @param c has c at {@code po} and c' at {@code co}
   * @param dy the gradient of h' from the layer above
   * @param dh the gradient of h' from the step behind
   * @param dc the gradient dc', replaced by dc, at the places of dh
   */
  void lstmBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] c,
      int po,
      int co,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dc,
      int dho);

  /**
   * Does the GRU's step (Cho et al. 2014, in PyTorch's form: the reset gate is behind the recurrent
   * product).
   *
   * <pre>
   *   r = s(a_r)    z = s(a_z)    n = tanh(a_n + r q)    h' = n + z (h - n)
   * </pre>
   *
   * @param gates {@code [rows, 3H]}: for r and z both products, for n that of the input, with
   *     biases; replaced by the activations r, z, n
   * @param q the recurrent product of n with its bias
   * @param h has h at {@code po} and takes h' at {@code ho}
   */
  void gruForward(
      int rows, int width, float[] gates, int go, float[] q, int qo, float[] h, int po, int ho);

  /**
   * Does the GRU's step backwards, with the gradient {@code d = dy + dh} of h'.
   *
   * <pre>
   *   da_n = d (1 - z) (1 - n^2)          da_z = d (h - n) z (1 - z)
   *   da_r = da_n q r (1 - r)             dq   = da_n r
   *   dh_0 = d z                          the part of dh that passes by the products
   * </pre>
   *
   * @param gates the activations r, z, n, replaced by the gradients da
   * @param q replaced by dq
   * @param h the state before the step
   * @param dy the gradient of h' from the layer above
   * @param dh the gradient of h' from the step behind
   * @param dh0 takes dh_0, at the places of dh
   */
  void gruBackward(
      int rows,
      int width,
      float[] gates,
      int go,
      float[] q,
      int qo,
      float[] h,
      int po,
      float[] dy,
      int dyo,
      float[] dh,
      float[] dh0,
      int dho);
}
