// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.RandomBits;

/** One product of a {@link GemmCase}, done the way the engine does it. */
final class GemmStep implements Runnable {
  private final GemmCase shape;
  private final float[] a;
  private final float[] b;
  private final float[] c;
  private final PackedMatrix packed = new PackedMatrix();
  private final PackedLeft left = new PackedLeft();

  /** Draws the factors. */
  GemmStep(GemmCase shape) {
    this.shape = shape;
    a = uniform(Math.multiplyExact(shape.m(), shape.k()), 1);
    b = uniform(Math.multiplyExact(shape.k(), shape.n()), 2);
    c = new float[Math.multiplyExact(shape.m(), shape.n())];
    pack();
  }

  private static float[] uniform(int size, long key) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = RandomBits.uniform(key, i) - 0.5f;
    }
    return x;
  }

  private void pack() {
    packed.pack(b, 0, shape.n(), shape.k(), shape.n());
  }

  @Override
  public void run() {
    switch (shape.form()) {
      case FORWARD -> multiply(false);
      case ACCUMULATE -> multiply(true);
      case WEIGHT_GRADIENT -> {
        pack();
        left.pack(a, 0, shape.m(), shape.k(), shape.m());
        Ops.gemm(left, packed, c, 0, shape.n(), true);
      }
    }
  }

  private void multiply(boolean add) {
    Ops.gemm(shape.m(), a, 0, shape.k(), packed, c, 0, shape.n(), add);
  }

  /** The result so far {@code [m, n]}. */
  float[] result() {
    return c;
  }
}
