// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Wire;

/**
 * A plan says which worker hosts which shards of a run, and how numbers travel.
 *
 * @param run tells this run's messages from those of any other
 * @param workers W, at most as many as there are shards
 * @param work what they compute
 * @param parameters of the work, which are many to count
 */
@DefaultSerializer(JavaSerializer.class)
record WorkerPlan(UUID run, int workers, ShardWork work, int parameters) implements Serializable {
  WorkerPlan {
    if (workers < 1 || workers > work.shards()) {
      throw new IllegalArgumentException(
          "workers must be in [1, " + work.shards() + "], the shards, but was " + workers);
    }
  }

  WorkerPlan(UUID run, int workers, ShardWork work) {
    this(run, workers, work, work.parameters());
  }

  /** Returns the first shard of a worker; the number of shards for {@code worker == workers}. */
  int firstShard(int worker) {
    return ShardTree.firstShard(worker, workers, work.shards());
  }

  int shards(int worker) {
    return firstShard(worker + 1) - firstShard(worker);
  }

  /** Returns the nodes of the canonical tree that a worker can sum up by itself. */
  List<ShardTree.Node> nodes(int worker) {
    return ShardTree.cover(firstShard(worker), firstShard(worker + 1), work.shards());
  }

  /** Returns an empty tree for sums that are in memory. */
  ShardTree wholeTree() {
    return ShardTree.whole(work.shards(), parameters, work.wire());
  }

  /** Returns an empty tree for sums that are still on their way. */
  ShardTree slicedTree() {
    return ShardTree.sliced(work.shards(), parameters, work.wire());
  }

  Wire wire(ShardTree.Node node) {
    return work.wire().of(node, work.shards());
  }

  /** Returns how the parameters of a command travel: an evaluation is of the exact ones. */
  Wire wire(Command command) {
    return command.kind() == Command.Kind.TRAIN ? work.wire() : Wire.FP32;
  }

  /** Returns the floats of the states of all shards of a worker, one behind the other. */
  int stateSize(int worker) {
    return IntStream.range(firstShard(worker), firstShard(worker + 1))
        .map(work::stateSize)
        .reduce(0, Math::addExact);
  }

  /**
   * Returns the states of all shards, one by one.
   *
   * @param byWorker those of each worker, one behind the other; null or empty where there are none
   */
  List<float[]> statesByShard(float[][] byWorker) {
    List<float[]> states = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      boolean none = byWorker[w] == null || byWorker[w].length == 0;
      int offset = 0;
      for (int s = firstShard(w); s < firstShard(w + 1); s++) {
        int end = none ? 0 : offset + work.stateSize(s);
        states.add(none ? Contribution.NO_STATES : Arrays.copyOfRange(byWorker[w], offset, end));
        offset = end;
      }
    }
    return states;
  }

  /**
   * Returns the states of each worker's shards, one behind the other.
   *
   * @throws IllegalArgumentException if they are not of these shards
   */
  float[][] statesByWorker(List<float[]> byShard) {
    if (byShard.size() != work.shards()) {
      throw new IllegalArgumentException(
          "there are " + work.shards() + " shards but states of " + byShard.size());
    }
    float[][] states = new float[workers][];
    for (int w = 0; w < workers; w++) {
      states[w] = new float[stateSize(w)];
      int offset = 0;
      for (int s = firstShard(w); s < firstShard(w + 1); s++) {
        float[] state = byShard.get(s);
        if (state.length != work.stateSize(s)) {
          throw new IllegalArgumentException(
              "shard %s carries %s numbers but its state has %s"
                  .formatted(s + 1, work.stateSize(s), state.length));
        }
        System.arraycopy(state, 0, states[w], offset, state.length);
        offset += state.length;
      }
    }
    return states;
  }

  /** Returns a worker's name in messages, counted from 1. */
  String name(int worker) {
    int first = firstShard(worker) + 1;
    int last = firstShard(worker + 1);
    String shards = first == last ? "shard " + first : "shards " + first + " to " + last;
    return "worker %s of %s (%s)".formatted(worker + 1, workers, shards);
  }
}
