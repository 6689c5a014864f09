// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/** {@link Peak}'s loop in single floats, for the scalar kernels. */
final class ScalarPeak implements Peak.Loop {

  @Override
  public int flopsPerPass() {
    return 2 * CHAINS;
  }

  @Override
  public float run(int passes) {
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
