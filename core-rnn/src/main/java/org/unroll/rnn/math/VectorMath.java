// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link ScalarMath} in vectors: the same operations in the same order, so the
 * same bits. Constants are kept as vectors, because every broadcast counts against the size up to
 * which the compiler inlines, and what it does not inline it boxes.
 */
final class VectorMath {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final FloatVector ZERO = constant(0f);
  private static final FloatVector ONE = constant(1f);
  private static final FloatVector TWO = constant(2f);
  private static final FloatVector LOG2_E = constant(ScalarMath.LOG2_E);
  private static final FloatVector MINUS_LN2_HIGH = constant(-ScalarMath.LN2_HIGH);
  private static final FloatVector MINUS_LN2_LOW = constant(-ScalarMath.LN2_LOW);
  private static final FloatVector ROUNDER = constant(ScalarMath.ROUNDER);
  private static final FloatVector EXP_MIN = constant(ScalarMath.EXP_MIN);
  private static final FloatVector EXP_MAX = constant(ScalarMath.EXP_MAX);
  private static final FloatVector TANH_MAX = constant(ScalarMath.TANH_MAX);
  private static final FloatVector C2 = constant(ScalarMath.C2);
  private static final FloatVector C3 = constant(ScalarMath.C3);
  private static final FloatVector C4 = constant(ScalarMath.C4);
  private static final FloatVector C5 = constant(ScalarMath.C5);
  private static final FloatVector C6 = constant(ScalarMath.C6);
  private static final FloatVector C7 = constant(ScalarMath.C7);
  private static final IntVector ONE_BITS = ONE.reinterpretAsInts();
  private static final IntVector SIGN_BIT = constant(-0f).reinterpretAsInts();

  private VectorMath() {}

  static FloatVector exp(FloatVector x) {
    FloatVector y = x.max(EXP_MIN).min(EXP_MAX);
    FloatVector rounded = y.fma(LOG2_E, ROUNDER);
    FloatVector power = power(rounded);
    return power.fma(reducedExpm1(y, rounded.sub(ROUNDER)), power);
  }

  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(exp(ZERO.sub(x)).add(ONE));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector y = x.abs().min(TANH_MAX).mul(TWO);
    FloatVector rounded = y.fma(LOG2_E, ROUNDER);
    FloatVector power = power(rounded);
    FloatVector q = power.fma(reducedExpm1(y, rounded.sub(ROUNDER)), power.sub(ONE));
    IntVector magnitude = q.div(q.add(TWO)).reinterpretAsInts();
    return magnitude.or(x.reinterpretAsInts().and(SIGN_BIT)).reinterpretAsFloats();
  }

  private static FloatVector reducedExpm1(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector p = r.fma(C7, C6);
    p = p.fma(r, C5);
    p = p.fma(r, C4);
    p = p.fma(r, C3);
    p = p.fma(r, C2);
    return p.fma(r.mul(r), r);
  }

  private static FloatVector power(FloatVector rounded) {
    return rounded
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 23)
        .add(ONE_BITS)
        .reinterpretAsFloats();
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(S, value);
  }
}
