// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/** One element at a time. */
final class ScalarBf16Kernels implements Bf16Kernels {
  /** What NaN becomes: quiet, in the bits that are kept. */
  static final int QUIET_NAN = 0x7FC0_0000;

  /** Rounds up what is more than half of the last bit that is kept; ties are for its parity. */
  static final int ALMOST_HALF = 0x7FFF;

  @Override
  public void round(float[] x, int xo, int n) {
    for (int i = xo; i < xo + n; i++) {
      x[i] = Float.intBitsToFloat(rounded(x[i]) & 0xFFFF_0000);
    }
  }

  @Override
  public void pack(float[] x, int xo, int n, short[] out, int oo) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (short) (rounded(x[xo + i]) >>> 16);
    }
  }

  @Override
  public void unpack(short[] x, int xo, int n, float[] out, int oo) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = Float.intBitsToFloat(x[xo + i] << 16);
    }
  }

  /** The bits of a float, of which the upper half is rounded. */
  private static int rounded(float x) {
    int bits = Float.floatToRawIntBits(x);
    return x == x ? bits + ALMOST_HALF + (bits >>> 16 & 1) : QUIET_NAN;
  }
}
