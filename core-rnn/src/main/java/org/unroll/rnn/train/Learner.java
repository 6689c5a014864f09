// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * A learner computes some shards of a training, one after the other, for one caller at a time. It
 * is all that rounds of any kind know of what is computed. A shard's numbers depend on the
 * parameters, the shard, the round and the shard's carried state alone, not on who hosts it.
 */
public interface Learner {
  /** The state where nothing is carried. */
  float[] NO_STATE = {};

  /**
   * Takes the parameters as they are now, before the first shard and whenever they changed. The
   * array must keep its values until the last shard is done.
   */
  void load(float[] params);

  /** Adds a shard's gradient and loss of a round to a sum and moves the shard's state on. */
  void gradient(int shard, Window round, WeightedSum into);

  /**
   * Computes the loss and the metric's sums over a shard's part of a split, without dropout. The
   * state of the training is left alone.
   *
   * @return {@link Evaluation#NONE} if there is no such split, or nothing is ever evaluated
   */
  default Evaluation evaluate(int shard, Split split) {
    return Evaluation.NONE;
  }

  /**
   * Returns what a shard carries from one round to the next: the array itself, which is empty where
   * nothing is carried and may be empty before the first round.
   */
  default float[] state(int shard) {
    return NO_STATE;
  }

  /**
   * Takes a copy of a state, as if the shard had computed the rounds before itself.
   *
   * @param state of {@link #state}; all zeros, or empty, before the first round
   */
  default void restore(int shard, float[] state) {}
}
