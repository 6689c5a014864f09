// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Wire;

/**
 * What is to be computed on a number of shards, before anything is read; it travels to the workers.
 * The engines that move the numbers know nothing else of the training.
 */
public interface ShardWork extends Serializable {
  /** S, the number of shards. */
  int shards();

  /** Floats of the parameters and of a gradient. */
  int parameters();

  /** How sums and parameters travel. */
  Wire wire();

  /** Windows of an epoch. */
  int windows();

  /** Floats that a shard carries from one training window to the next; may be 0. */
  int stateSize(int shard);

  /** Whether there is anything to evaluate in a split. */
  boolean has(Split split);

  /** Reads the shards {@code [first, end)}, and allocates what it takes to compute them. */
  Learner open(int first, int end);
}
