// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ExampleShards;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.spark.rounds.ShardHost;

/** Shards of a reader's training with their sequences in memory; nothing is carried. */
record ReaderHost(ExampleShards shards) implements ShardHost {
  @Override
  public void setParams(float[] params) {
    shards.setParams(params);
  }

  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    shards.gradient(shard, window, into);
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    return shards.evaluate(shard, split);
  }

  @Override
  public void save(int shard, float[] into, int offset) {}

  @Override
  public void restore(int shard, float[] from, int offset) {}
}
