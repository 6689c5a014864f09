// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

/**
 * A weighted sum is what travels from shards to the optimiser: a sum of gradients and of losses
 * with the weight they were taken over. It is divided once, by the reader of the final sum.
 */
public final class WeightedSum {
  private final Gradient gradient;
  private double loss;
  private double weight;

  /** Makes an empty sum over {@code size} parameters. */
  public WeightedSum(int size) {
    gradient = new Gradient(size);
  }

  /** Returns the summed gradient, of which only what was written counts; the object itself. */
  public Gradient parts() {
    return gradient;
  }

  /** Returns the number of parameters. */
  public int size() {
    return gradient.size();
  }

  /** Returns the summed loss in nats with its weight. */
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

  /**
   * Writes the sum of this slice and another of the same place into a whole sum, as far as either
   * counts. Several threads may write to different places at a time.
   *
   * @param start where the slices begin
   * @param other the other slice, or null for nothing
   */
  void writeTo(WeightedSum whole, int start, WeightedSum other) {
    float[] into = whole.gradient.values();
    for (int from = 0; from < size(); ) {
      int next = gradient.nextWritten(from);
      int otherNext = other == null ? size() : other.gradient.nextWritten(from);
      boolean here = next == from;
      boolean there = otherNext == from;
      int to =
          Math.min(
              here ? gradient.endOfWritten(from) : next,
              there ? other.gradient.endOfWritten(from) : otherNext);
      if (here && there) {
        float[] others = other.gradient.values();
        Ops.sum(gradient.values(), from, others, from, into, start + from, to - from);
      } else if (here || there) {
        float[] only = here ? gradient.values() : other.gradient.values();
        System.arraycopy(only, from, into, start + from, to - from);
      }
      from = to;
    }
    synchronized (whole) {
      claimIn(whole, start);
      whole.add(other == null ? loss() : loss().plus(other.loss()));
      if (other != null) {
        other.claimIn(whole, start);
      }
    }
  }

  /** Says that what counts of this slice counts in a whole sum. */
  private void claimIn(WeightedSum whole, int start) {
    for (int from = gradient.nextWritten(0); from < size(); ) {
      int to = gradient.endOfWritten(from);
      whole.gradient.wrote(start + from, start + to);
      from = gradient.nextWritten(to);
    }
  }

  /** Rounds the gradient to what can travel. */
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

  /** Makes this the empty sum again. */
  public void clear() {
    gradient.clear();
    loss = 0;
    weight = 0;
  }
}
