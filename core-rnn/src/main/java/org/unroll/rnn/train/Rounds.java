// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.model.Loss;

/**
 * Where the shards live and how their sums come together: in this thread, in resident Spark tasks,
 * or as a Spark job a round. All of them return the same bits, because the shards' sums are added
 * along {@link ShardTree}.
 */
public interface Rounds extends AutoCloseable {
  /** Windows of an epoch, the same for all shards. */
  int windows();

  /**
   * One synchronous round: every shard runs forward and backward over this window.
   *
   * @param params the parameters all shards use; not changed, and free for changes after the return
   * @return the sum over all shards; the caller may change its array, and may use it until the next
   *     call
   */
  WeightedSum gradient(Window window, float[] params);

  /**
   * The loss of the parameters over a held-out split, with the state carried along each stream;
   * {@link Loss#ZERO} if there is no such split.
   */
  Loss evaluate(Split split, float[] params);

  @Override
  void close();
}
