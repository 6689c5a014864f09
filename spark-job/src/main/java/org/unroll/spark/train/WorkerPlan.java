// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.ShardWorker;

/**
 * Which worker hosts which shards of a run.
 *
 * @param run tells this run's messages from those of any other
 * @param workers W, at most as many as there are shards
 * @param work what they compute
 */
record WorkerPlan(UUID run, int workers, ShardWork work) implements Serializable {
  WorkerPlan {
    if (workers < 1 || workers > work.shards()) {
      throw new IllegalArgumentException(
          "workers must be in [1, " + work.shards() + "], the shards, but was " + workers);
    }
  }

  /** The first shard of a worker; the number of shards for {@code worker == workers}. */
  int firstShard(int worker) {
    return ShardWorker.workersFirstShard(worker, workers, work.shards());
  }

  /** The nodes of the canonical tree that a worker can sum up by itself. */
  List<ShardTree.Node> nodes(int worker) {
    return ShardTree.cover(firstShard(worker), firstShard(worker + 1), work.shards());
  }

  /** Floats of the states of all shards of a worker, one behind the other. */
  int stateSize(int worker) {
    int size = 0;
    for (int s = firstShard(worker); s < firstShard(worker + 1); s++) {
      size = Math.addExact(size, work.stateSize(s));
    }
    return size;
  }

  /** A worker's name in messages, counted from 1. */
  String name(int worker) {
    int first = firstShard(worker) + 1;
    int last = firstShard(worker + 1);
    return "worker "
        + (worker + 1)
        + " of "
        + workers
        + (first == last ? " (shard " + first + ")" : " (shards " + first + " to " + last + ")");
  }
}
