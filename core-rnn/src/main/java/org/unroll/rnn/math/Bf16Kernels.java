// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * Numbers of 16 bits: the upper half of a float, so with its range and 8 bits of precision. They
 * are rounded to the nearest, ties to even; what is too large becomes infinite, NaN stays NaN.
 */
interface Bf16Kernels {
  /** Rounds n elements in place. */
  void round(float[] x, int xo, int n);

  /** Rounds n elements into an array of 16 bits each. */
  void pack(float[] x, int xo, int n, short[] out, int oo);

  /** The floats of n elements of 16 bits. */
  void unpack(short[] x, int xo, int n, float[] out, int oo);
}
