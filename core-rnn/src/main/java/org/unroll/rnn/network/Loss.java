// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;

/**
 * A loss is a sum with the weight it was taken over. Sums travel with their weight and are divided
 * once.
 *
 * @param sum the summed loss in nats
 * @param weight the number of scored tokens
 */
public record Loss(double sum, double weight) implements Serializable {
  public static final Loss ZERO = new Loss(0, 0);

  public Loss plus(Loss other) {
    return new Loss(sum + other.sum, weight + other.weight);
  }

  /** Returns the sum by weight, such as nats per token; NaN when nothing was scored. */
  public double mean() {
    return sum / weight;
  }
}
