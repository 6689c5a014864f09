// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.nn.Gradient;

/**
 * Adam (Kingma and Ba 2015), with decoupled weight decay AdamW (Loshchilov and Hutter 2019):
 *
 * <pre>
 * w *= 1 - lr decay
 * m  = m + (1 - beta1) (g - m)
 * v  = beta2 v + (1 - beta2) g^2
 * w -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 */
final class Adam implements Optimizer {
  private final double beta1;
  private final double beta2;
  private final float epsilon;
  private final double decay;
  private final float[] first;
  private final float[] second;
  private long steps;
  private float rate;
  private float root;
  private float keep;

  Adam(OptimizerSpec spec, double decay, int size) {
    this.beta1 = spec.beta1();
    this.beta2 = spec.beta2();
    this.epsilon = (float) spec.epsilon();
    this.decay = decay;
    this.first = new float[size];
    this.second = new float[size];
  }

  @Override
  public void begin(Gradient gradient, int from, double lr) {
    gradient.addTo(from, gradient.size());
    steps++;
    rate = (float) (lr / (1 - StrictMath.pow(beta1, steps)));
    root = (float) Math.sqrt(1 - StrictMath.pow(beta2, steps));
    keep = (float) (1 - lr * decay);
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, int from, int to) {
    float[] values = gradient.values();
    float gain1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float gain2 = (float) (1 - beta2);
    for (int i = from; i < to; i++) {
      float g = values[i] * scale;
      float m = first[i] + gain1 * (g - first[i]);
      float v = keep2 * second[i] + gain2 * g * g;
      first[i] = m;
      second[i] = v;
      params[i] = params[i] * keep - rate * m / ((float) Math.sqrt(v) / root + epsilon);
    }
  }

  @Override
  public Map<String, float[]> moments() {
    return Map.of("first", first, "second", second);
  }

  @Override
  public void resumeAfter(long steps) {
    this.steps = steps;
  }
}
