// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Split;

/**
 * The data of a training in shards, before anything of them is read: they travel to the workers,
 * which open their own. Text is in streams ({@link TextShards}), rows are whole sequences ({@link
 * RowShards}).
 */
interface TrainingShards extends Serializable {

  /** Returns the windows of an epoch. */
  int windows();

  /** Returns the streams of a shard whose state is carried; 0 where sequences are read whole. */
  int streams(int shard);

  /** Returns whether there is anything in a split. */
  boolean has(Split split);

  /** Reads the shards {@code [first, end)}, or opens them to be read while they are needed. */
  ExampleSource open(Network network, int first, int end);
}
