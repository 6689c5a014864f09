// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * Some shards of a training, computed one after the other by one caller at a time: what rounds of
 * any kind ask a worker for. A shard's numbers depend on the parameters, the shard and the window
 * alone, not on who hosts it.
 */
public sealed interface ShardGroup permits StreamShards, ExampleShards {

  /**
   * Takes the parameters as they are now, before the first shard and whenever they changed; they
   * must stay the same until the last shard is done.
   */
  void setParams(float[] params);

  /** Adds a shard's gradient and loss of a window to a sum; the shard's state moves on. */
  void gradient(int shard, Window window, WeightedSum into);

  /**
   * The loss and the metric's sums over a shard's part of a split, without dropout; {@link
   * Evaluation#NONE} if there is no such split. The training state is left alone.
   */
  Evaluation evaluate(int shard, Split split);

  /** What a shard carries from one window to the next; empty for nothing. The array itself. */
  float[] state(int shard);

  /** Takes a copy of a state, as if the shard had computed the windows before itself. */
  void restore(int shard, float[] state);
}
