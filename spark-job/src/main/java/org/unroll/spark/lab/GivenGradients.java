// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.rounds.ShardWork;

/**
 * Work that costs nothing: every shard's gradient is there already, of random numbers, which
 * nothing on the way can shorten. What is left of a round is its overhead. The loss of a shard is
 * the first parameter, so that the sum tells whether the new parameters have arrived.
 *
 * @param written the first floats of a gradient, that count; the others are left out as zeros
 * @param wire how they travel
 */
record GivenGradients(int shards, int parameters, int written, Wire wire) implements ShardWork {
  private static final float[] NO_STATE = {};

  @Override
  public int windows() {
    return Integer.MAX_VALUE;
  }

  @Override
  public int stateSize(int shard) {
    return 0;
  }

  @Override
  public boolean has(Split split) {
    return split == Split.TRAIN;
  }

  @Override
  public Learner open(int first, int end) {
    return new Host();
  }

  /** Fills an array with random numbers in [-0.5, 0.5). */
  static void fill(float[] values, long seed) {
    long key = RandomBits.key(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = RandomBits.uniform(key, i) - 0.5f;
    }
  }

  private final class Host implements Learner {
    private float firstParameter;

    /** The array that was filled; the same one comes round after round. */
    private float[] given;

    @Override
    public void load(float[] params) {
      firstParameter = params[0];
    }

    @Override
    public void gradient(int shard, Window window, WeightedSum into) {
      into.parts().claim(0, written);
      if (given != into.parts().values()) {
        given = into.parts().values();
        fill(given, shard);
      }
      into.add(new Loss(firstParameter, 1));
    }

    @Override
    public Evaluation evaluate(int shard, Split split) {
      throw new UnsupportedOperationException("there is nothing to evaluate");
    }

    @Override
    public float[] state(int shard) {
      return NO_STATE;
    }

    @Override
    public void restore(int shard, float[] state) {}
  }
}
