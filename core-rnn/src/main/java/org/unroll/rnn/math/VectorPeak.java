// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Peak}'s loop in vectors of the preferred width. Loaded by name, like {@link
 * VectorKernels}. The accumulators are local variables of one small method: that keeps them in
 * registers and unboxed.
 */
final class VectorPeak implements Peak.Loop {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  @Override
  public int flopsPerPass() {
    return 2 * CHAINS * S.length();
  }

  @Override
  public float run(int passes) {
    FloatVector s0 = start(0);
    FloatVector s1 = start(1);
    FloatVector s2 = start(2);
    FloatVector s3 = start(3);
    FloatVector s4 = start(4);
    FloatVector s5 = start(5);
    FloatVector s6 = start(6);
    FloatVector s7 = start(7);
    FloatVector s8 = start(8);
    FloatVector s9 = start(9);
    FloatVector s10 = start(10);
    FloatVector s11 = start(11);
    FloatVector s12 = start(12);
    FloatVector s13 = start(13);
    FloatVector s14 = start(14);
    FloatVector s15 = start(15);
    for (int p = 0; p < passes; p++) {
      s0 = s0.fma(s0, s0);
      s1 = s1.fma(s1, s1);
      s2 = s2.fma(s2, s2);
      s3 = s3.fma(s3, s3);
      s4 = s4.fma(s4, s4);
      s5 = s5.fma(s5, s5);
      s6 = s6.fma(s6, s6);
      s7 = s7.fma(s7, s7);
      s8 = s8.fma(s8, s8);
      s9 = s9.fma(s9, s9);
      s10 = s10.fma(s10, s10);
      s11 = s11.fma(s11, s11);
      s12 = s12.fma(s12, s12);
      s13 = s13.fma(s13, s13);
      s14 = s14.fma(s14, s14);
      s15 = s15.fma(s15, s15);
    }
    FloatVector low = s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7);
    FloatVector high = s8.add(s9).add(s10).add(s11).add(s12).add(s13).add(s14).add(s15);
    return low.add(high).lane(0);
  }

  private static FloatVector start(int chain) {
    return FloatVector.broadcast(S, Peak.start(chain));
  }
}
