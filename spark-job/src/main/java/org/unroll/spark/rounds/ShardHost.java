// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/** Shards that were read and are computed one after the other, by one thread at a time. */
public interface ShardHost {
  /** Takes a copy of parameters, to be used until the next call. */
  void setParams(float[] params);

  /** Adds a shard's gradient and loss of a window to an empty sum; the shard's state moves on. */
  void gradient(int shard, Window window, WeightedSum into);

  /**
   * The loss over a shard's part of a split, and the sums of the task's metric; the training state
   * is left alone.
   */
  Evaluation evaluate(int shard, Split split);

  /**
   * Copies a shard's state to {@code into}, from {@code offset} on; zeros before the first window.
   */
  void save(int shard, float[] into, int offset);

  /** Takes a copy of a state from {@link #save}, as if the shard had computed the window itself. */
  void restore(int shard, float[] from, int offset);
}
