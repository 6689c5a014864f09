// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.nn.Gradient;

/** Adagrad (Duchi et al. 2011): {@code s += g^2; w -= lr g / (sqrt(s) + epsilon)}. */
final class Adagrad implements Optimizer {
  private final float epsilon;
  private final float[] squares;
  private float rate;

  Adagrad(OptimizerSpec spec, int size) {
    epsilon = (float) spec.epsilon();
    squares = new float[size];
  }

  @Override
  public void begin(Gradient gradient, int from, double lr) {
    gradient.addTo(from, gradient.size());
    rate = (float) lr;
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, int from, int to) {
    float[] values = gradient.values();
    for (int i = from; i < to; i++) {
      float g = values[i] * scale;
      float s = squares[i] + g * g;
      squares[i] = s;
      params[i] -= rate * g / ((float) Math.sqrt(s) + epsilon);
    }
  }

  @Override
  public Map<String, float[]> moments() {
    return Map.of("squares", squares);
  }
}
