// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.network.Loss;

/**
 * What an evaluation of a part of the data adds up to. Those of all parts, added in the order of
 * the shards, are that of the whole.
 *
 * @param loss the summed loss with its weight
 * @param sums of a {@link org.unroll.rnn.network.Metric}; empty where there is none
 */
public record Evaluation(Loss loss, double[] sums) {
  private static final double[] NO_SUMS = {};

  /** Of no data. */
  public static final Evaluation NONE = new Evaluation(Loss.ZERO, NO_SUMS);

  /** A loss without sums. */
  public static Evaluation of(Loss loss) {
    return new Evaluation(loss, NO_SUMS);
  }

  /** Adds another part. */
  public Evaluation plus(Evaluation other) {
    if (sums.length == 0 || other.sums.length == 0) {
      return new Evaluation(loss.plus(other.loss), sums.length == 0 ? other.sums : sums);
    }
    if (sums.length != other.sums.length) {
      throw new IllegalArgumentException(
          "cannot add %d sums to %d".formatted(other.sums.length, sums.length));
    }
    double[] both = sums.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] += other.sums[i];
    }
    return new Evaluation(loss.plus(other.loss), both);
  }
}
