// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.network.Loss;

/**
 * Rounds know where the shards live and how their sums come together: in resident Spark tasks, or
 * as a Spark job a round. All kinds of them return the same bits, because the shards' sums are
 * added along {@link ShardTree}.
 */
public interface Rounds extends AutoCloseable {
  /** Returns the number of rounds of an epoch, the same for all shards. */
  int windows();

  /**
   * Runs one synchronous round: every shard goes forward and backward over its part of it.
   *
   * @param params the parameters all shards use; not changed, and free for changes after the return
   * @return the sum over all shards; the caller may change its array, and may use it until the next
   *     call
   */
  WeightedSum gradient(Window window, float[] params);

  /**
   * Computes the loss of the parameters over a held-out split, with the state carried along each
   * stream, and the sums of the task's metric.
   *
   * @return {@link Evaluation#NONE} if there is no such split
   */
  Evaluation evaluate(Split split, float[] params);

  /**
   * Returns the losses of the last {@link #gradient} by where they come from: single shards, or the
   * runs of shards that one worker added up.
   */
  Map<ShardTree.Node, Loss> losses();

  /** Returns where the time of the last {@link #gradient} went, without the update. */
  RoundTimes times();

  /**
   * Returns the state of every shard behind the last {@link #gradient}, in the order of the shards;
   * empty for shards that carry none. The states are to be read only, and until the next call.
   */
  List<float[]> states();

  /**
   * Has all shards go on from states of {@link #states}, of rounds of any kind and with any number
   * of workers. This is called before the first round; the states are copied.
   *
   * @throws IllegalArgumentException if they are not of these shards
   */
  void restore(List<float[]> states);

  @Override
  void close();
}
