// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/** Adagrad (Duchi et al. 2011): {@code s += g^2; w -= lr g / (sqrt(s) + epsilon)}. */
final class Adagrad implements Optimizer {
  private final float epsilon;
  private final float[] squares;

  Adagrad(OptimizerSpec spec, int size) {
    epsilon = (float) spec.epsilon();
    squares = new float[size];
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, double lr) {
    float[] dense = gradient.dense();
    float rate = (float) lr;
    for (int i = 0; i < params.length; i++) {
      float g = dense[i] * scale;
      float s = squares[i] + g * g;
      squares[i] = s;
      params[i] -= rate * g / ((float) Math.sqrt(s) + epsilon);
    }
  }
}
