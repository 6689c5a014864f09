// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/**
 * Gradient descent with a velocity: {@code v = m v + g; w -= lr v}, and with Nesterov's look ahead
 * {@code w -= lr (g + m v)} (Sutskever et al. 2013, in PyTorch's form: the rate is not part of v).
 */
final class Momentum implements Optimizer {
  private final float momentum;
  private final boolean nesterov;
  private final float[] velocity;

  Momentum(OptimizerSpec spec, int size) {
    momentum = (float) spec.momentum();
    nesterov = spec.nesterov();
    velocity = new float[size];
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, double lr) {
    float[] dense = gradient.dense();
    float rate = (float) lr;
    if (nesterov) {
      for (int i = 0; i < params.length; i++) {
        float g = dense[i] * scale;
        float v = momentum * velocity[i] + g;
        velocity[i] = v;
        params[i] -= rate * (g + momentum * v);
      }
    } else {
      for (int i = 0; i < params.length; i++) {
        float v = momentum * velocity[i] + dense[i] * scale;
        velocity[i] = v;
        params[i] -= rate * v;
      }
    }
  }
}
