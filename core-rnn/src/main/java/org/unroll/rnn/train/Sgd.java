// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/** Gradient descent: {@code w -= lr g}. Where the gradient is zero, nothing is touched. */
final class Sgd implements Optimizer {
  @Override
  public void step(float[] params, Gradient gradient, float scale, double lr) {
    float rate = (float) lr;
    float[] g = gradient.values();
    for (int from = gradient.nextWritten(0); from < params.length; ) {
      int to = gradient.endOfWritten(from);
      for (int i = from; i < to; i++) {
        params[i] -= rate * (g[i] * scale);
      }
      from = gradient.nextWritten(to);
    }
  }
}
