// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.network.Loss;

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
   * The loss of the parameters over a held-out split, with the state carried along each stream, and
   * the sums of the task's metric; {@link Evaluation#NONE} if there is no such split.
   */
  Evaluation evaluate(Split split, float[] params);

  /**
   * The losses of the last {@link #gradient} by where they come from: single shards, or the runs of
   * shards that one worker added up.
   */
  Map<ShardTree.Node, Loss> losses();

  /** Where the time of the last {@link #gradient} went; the update is not part of it. */
  RoundTimes times();

  /**
   * The state of every shard behind the last {@link #gradient}, in the order of the shards; empty
   * for shards that carry none. To be read only, and until the next call.
   */
  List<float[]> states();

  /**
   * Has all shards go on from states of {@link #states}, of rounds of any kind and with any number
   * of workers. To be called before the first round; the states are copied.
   *
   * @throws IllegalArgumentException if they are not of these shards
   */
  void restore(List<float[]> states);

  @Override
  void close();
}
