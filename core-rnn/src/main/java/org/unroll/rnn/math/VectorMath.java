// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.unroll.rnn.math.ScalarMath.C2;
import static org.unroll.rnn.math.ScalarMath.C3;
import static org.unroll.rnn.math.ScalarMath.C4;
import static org.unroll.rnn.math.ScalarMath.C5;
import static org.unroll.rnn.math.ScalarMath.C6;
import static org.unroll.rnn.math.ScalarMath.C7;
import static org.unroll.rnn.math.ScalarMath.EXP_MAX;
import static org.unroll.rnn.math.ScalarMath.EXP_MIN;
import static org.unroll.rnn.math.ScalarMath.LN2_HIGH;
import static org.unroll.rnn.math.ScalarMath.LN2_LOW;
import static org.unroll.rnn.math.ScalarMath.LOG2_E;
import static org.unroll.rnn.math.ScalarMath.ROUNDER;
import static org.unroll.rnn.math.ScalarMath.TANH_MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScalarMath} in vectors: the same operations in the same order, so the same bits. */
final class VectorMath {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int SIGN = 0x80000000;

  private VectorMath() {}

  static FloatVector exp(FloatVector x) {
    FloatVector y = x.max(EXP_MIN).min(EXP_MAX);
    FloatVector rounded = y.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector power = power(rounded);
    return power.fma(reducedExpm1(y, rounded.sub(ROUNDER)), power);
  }

  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1f).div(exp(x.neg()).add(1f));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector y = x.abs().min(TANH_MAX).mul(2f);
    FloatVector rounded = y.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector power = power(rounded);
    FloatVector q = power.fma(reducedExpm1(y, rounded.sub(ROUNDER)), power.sub(1f));
    IntVector magnitude = q.div(q.add(2f)).reinterpretAsInts();
    IntVector sign = x.reinterpretAsInts().and(SIGN);
    return magnitude.or(sign).reinterpretAsFloats();
  }

  private static FloatVector reducedExpm1(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), x));
    FloatVector p = r.fma(broadcast(C7), broadcast(C6));
    p = p.fma(r, broadcast(C5));
    p = p.fma(r, broadcast(C4));
    p = p.fma(r, broadcast(C3));
    p = p.fma(r, broadcast(C2));
    return p.fma(r.mul(r), r);
  }

  private static FloatVector power(FloatVector rounded) {
    return rounded
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 23)
        .add(0x3F800000)
        .reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(S, value);
  }
}
