// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Gradient descent: {@code w -= lr g}. */
final class Sgd implements Optimizer {
  @Override
  public void step(float[] params, float[] gradient, float scale, double lr) {
    float rate = (float) lr;
    for (int i = 0; i < params.length; i++) {
      params[i] -= rate * (gradient[i] * scale);
    }
  }
}
