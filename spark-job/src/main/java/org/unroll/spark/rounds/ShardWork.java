// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Wire;

/**
 * Work says what is to be computed on a number of shards, before anything is read; it travels to
 * the workers, who open a {@link Learner} of their own shards. Rounds know nothing else of the
 * training.
 */
public interface ShardWork extends Serializable {
  /** Returns S, the number of shards. */
  int shards();

  /** Returns the floats of the parameters and of a gradient. */
  int parameters();

  /** Returns how sums and parameters travel. */
  Wire wire();

  /** Returns the number of rounds of an epoch. */
  int windows();

  /** Returns the floats that a shard carries from one round of training to the next. */
  default int stateSize(int shard) {
    return 0;
  }

  /** Returns whether there is anything to evaluate in a split. */
  default boolean has(Split split) {
    return false;
  }

  /** Reads the shards {@code [first, end)}, and allocates what it takes to compute them. */
  Learner open(int first, int end);
}
