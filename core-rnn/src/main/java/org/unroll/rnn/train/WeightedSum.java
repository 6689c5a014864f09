// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import org.unroll.rnn.model.Loss;

/**
 * What travels from shards to the optimiser: a sum of gradients and of losses with the weight they
 * were taken over. It is divided once, by the reader of the final sum.
 */
public final class WeightedSum {
  private final float[] gradient;
  private double loss;
  private double weight;

  /** An empty sum over {@code size} parameters. */
  public WeightedSum(int size) {
    this(new float[size], 0, 0);
  }

  /** A sum that owns the array. */
  public WeightedSum(float[] gradient, double loss, double weight) {
    this.gradient = gradient;
    this.loss = loss;
    this.weight = weight;
  }

  /** The summed gradient, in the layout of the parameters; the array itself. */
  public float[] gradient() {
    return gradient;
  }

  /** The summed loss in nats with its weight. */
  public Loss loss() {
    return new Loss(loss, weight);
  }

  /** Adds a loss whose gradient was accumulated into {@link #gradient()}. */
  public void add(Loss more) {
    loss += more.sum();
    weight += more.weight();
  }

  /** Adds another sum element by element, this one first. */
  public void add(WeightedSum other) {
    if (other.gradient.length != gradient.length) {
      throw new IllegalArgumentException(
          "cannot add a sum over "
              + other.gradient.length
              + " parameters to one over "
              + gradient.length);
    }
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] += other.gradient[i];
    }
    loss += other.loss;
    weight += other.weight;
  }

  /** Back to the empty sum. */
  public void clear() {
    Arrays.fill(gradient, 0);
    loss = 0;
    weight = 0;
  }
}
