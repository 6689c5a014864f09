// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** A vector of elements at a time; the rest is left to {@link ScalarBf16Kernels}. */
final class VectorBf16Kernels implements Bf16Kernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  /** As many elements as {@link #S} has, in half the bits. */
  private static final VectorSpecies<Short> H =
      VectorSpecies.of(short.class, VectorShape.forBitSize(S.vectorBitSize() / 2));

  private static final int LANES = S.length();

  private final Bf16Kernels scalar = new ScalarBf16Kernels();

  @Override
  public void round(float[] x, int xo, int n) {
    int bound = n / LANES * LANES;
    for (int i = xo; i < xo + bound; i += LANES) {
      IntVector bits = rounded(FloatVector.fromArray(S, x, i));
      bits.lanewise(VectorOperators.AND, 0xFFFF_0000).reinterpretAsFloats().intoArray(x, i);
    }
    scalar.round(x, xo + bound, n - bound);
  }

  @Override
  public void pack(float[] x, int xo, int n, short[] out, int oo) {
    int bound = n / LANES * LANES;
    for (int i = 0; i < bound; i += LANES) {
      IntVector bits = rounded(FloatVector.fromArray(S, x, xo + i));
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      ((ShortVector) upper.convertShape(VectorOperators.I2S, H, 0)).intoArray(out, oo + i);
    }
    scalar.pack(x, xo + bound, n - bound, out, oo + bound);
  }

  @Override
  public void unpack(short[] x, int xo, int n, float[] out, int oo) {
    int bound = n / LANES * LANES;
    for (int i = 0; i < bound; i += LANES) {
      ShortVector halves = ShortVector.fromArray(H, x, xo + i);
      IntVector bits = (IntVector) halves.convertShape(VectorOperators.S2I, I, 0);
      bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(out, oo + i);
    }
    scalar.unpack(x, xo + bound, n - bound, out, oo + bound);
  }

  private static IntVector rounded(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector parity = bits.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.AND, 1);
    IntVector up = bits.add(parity).add(ScalarBf16Kernels.ALMOST_HALF);
    return up.blend(ScalarBf16Kernels.QUIET_NAN, x.test(VectorOperators.IS_NAN).cast(I));
  }
}
