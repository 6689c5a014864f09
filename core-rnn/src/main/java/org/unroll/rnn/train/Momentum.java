// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.nn.Gradient;

/**
 * Gradient descent with a velocity: {@code v = m v + g; w -= lr v}, and with Nesterov's look ahead
 * {@code w -= lr (g + m v)} (Sutskever et al. 2013, in PyTorch's form: the rate is not part of v).
 */
final class Momentum implements Optimizer {
  private final float momentum;
  private final boolean nesterov;
  private final float[] velocity;
  private float rate;

  Momentum(OptimizerSpec spec, int size) {
    momentum = (float) spec.momentum();
    nesterov = spec.nesterov();
    velocity = new float[size];
  }

  @Override
  public void begin(Gradient gradient, int from, double lr) {
    gradient.addTo(from, gradient.size());
    rate = (float) lr;
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, int from, int to) {
    float[] values = gradient.values();
    if (nesterov) {
      for (int i = from; i < to; i++) {
        float g = values[i] * scale;
        float v = momentum * velocity[i] + g;
        velocity[i] = v;
        params[i] -= rate * (g + momentum * v);
      }
    } else {
      for (int i = from; i < to; i++) {
        float v = momentum * velocity[i] + values[i] * scale;
        velocity[i] = v;
        params[i] -= rate * v;
      }
    }
  }

  @Override
  public Map<String, float[]> moments() {
    return Map.of("velocity", velocity);
  }
}
