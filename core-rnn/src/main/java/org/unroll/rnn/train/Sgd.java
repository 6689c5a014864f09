// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.nn.Gradient;

/** Gradient descent: {@code w -= lr g}. Where the gradient is zero, nothing is touched. */
final class Sgd implements Optimizer {
  private float rate;

  @Override
  public void begin(Gradient gradient, int from, double lr) {
    rate = (float) lr;
  }

  @Override
  public void step(float[] params, Gradient gradient, float scale, int from, int to) {
    float[] g = gradient.values();
    int block = from / Gradient.BLOCK * Gradient.BLOCK;
    for (int start = Math.max(from, gradient.nextWritten(block)); start < to; ) {
      int end = Math.min(to, gradient.endOfWritten(start));
      for (int i = start; i < end; i++) {
        params[i] -= rate * (g[i] * scale);
      }
      start = gradient.nextWritten(end);
    }
  }

  @Override
  public Map<String, float[]> moments() {
    return Map.of();
  }
}
