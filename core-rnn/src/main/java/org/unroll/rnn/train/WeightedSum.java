// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

/**
 * What travels from shards to the optimiser: a sum of gradients and of losses with the weight they
 * were taken over. It is divided once, by the reader of the final sum.
 */
public final class WeightedSum {
  private final Gradient gradient;
  private double loss;
  private double weight;

  /** An empty sum over {@code size} parameters. */
  public WeightedSum(int size) {
    this(new Gradient(size), 0, 0);
  }

  /** A sum that owns the array. */
  public WeightedSum(float[] gradient, double loss, double weight) {
    this(new Gradient(gradient), loss, weight);
  }

  private WeightedSum(Gradient gradient, double loss, double weight) {
    this.gradient = gradient;
    this.loss = loss;
    this.weight = weight;
  }

  /** The summed gradient, in the layout of the parameters; the array itself. */
  public float[] gradient() {
    return gradient.dense();
  }

  /** The summed gradient, of which only what was written counts; the object itself. */
  public Gradient parts() {
    return gradient;
  }

  /** Number of parameters. */
  public int size() {
    return gradient.size();
  }

  /** The summed loss in nats with its weight. */
  public Loss loss() {
    return new Loss(loss, weight);
  }

  /** Adds a loss whose gradient was accumulated into {@link #parts()}. */
  public void add(Loss more) {
    loss += more.sum();
    weight += more.weight();
  }

  /** Adds another sum element by element, this one first. */
  public void add(WeightedSum other) {
    gradient.add(other.gradient);
    loss += other.loss;
    weight += other.weight;
  }

  /** Rounds the gradient. */
  void round(Wire wire) {
    if (wire == Wire.FP32) {
      return;
    }
    for (int from = gradient.nextWritten(0); from < gradient.size(); ) {
      int to = gradient.endOfWritten(from);
      wire.round(gradient.values(), from, to - from);
      from = gradient.nextWritten(to);
    }
  }

  /** Back to the empty sum. */
  public void clear() {
    gradient.clear();
    loss = 0;
    weight = 0;
  }
}
