// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/**
 * RMSprop (Hinton 2012): {@code s = alpha s + (1 - alpha) g^2; w -= lr g / (sqrt(s) + epsilon)}.
 */
final class RmsProp implements Optimizer {
  private final float alpha;
  private final float rest;
  private final float epsilon;
  private final float[] squares;

  RmsProp(OptimizerSpec spec, int size) {
    alpha = (float) spec.alpha();
    rest = (float) (1 - spec.alpha());
    epsilon = (float) spec.epsilon();
    squares = new float[size];
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, double lr) {
    float[] dense = gradient.dense();
    float rate = (float) lr;
    for (int i = 0; i < params.length; i++) {
      float g = dense[i] * scale;
      float s = alpha * squares[i] + rest * g * g;
      squares[i] = s;
      params[i] -= rate * g / ((float) Math.sqrt(s) + epsilon);
    }
  }
}
