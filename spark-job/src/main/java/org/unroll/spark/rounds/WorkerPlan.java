// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Wire;

/**
 * A plan says which worker hosts which shards of a run, and how numbers travel.
 *
 * @param run tells this run's messages from those of any other
 * @param workers W, at most as many as there are shards
 * @param work what they compute
 * @param parameters of the work, which are many to count
 * @param sum where sums are added
 */
@DefaultSerializer(JavaSerializer.class)
record WorkerPlan(UUID run, int workers, ShardWork work, int parameters, SumKind sum)
    implements Serializable {
  WorkerPlan(UUID run, int workers, ShardWork work, SumKind sum) {
    this(run, workers, work, work.parameters(), sum);
  }

  /** Makes a plan whose sums the driver adds. */
  WorkerPlan(UUID run, int workers, ShardWork work) {
    this(run, workers, work, SumKind.DRIVER);
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

  /** Returns the most bytes that a gradient has on its way. */
  long gradientBytes() {
    return (long) work.wire().bytes() * parameters;
  }

  /** Returns the node of all shards. */
  ShardTree.Node root() {
    return new ShardTree.Node(0, work.shards());
  }

  Wire wire(ShardTree.Node node) {
    return work.wire().of(node, work.shards());
  }

  /** Returns how the parameters of a command travel: an evaluation is of the exact ones. */
  Wire wire(Command command) {
    return command.kind() == Command.Kind.TRAIN ? work.wire() : Wire.FP32;
  }

  /** Returns arrays for the states of a worker's shards. */
  List<float[]> newStates(int worker) {
    return IntStream.range(firstShard(worker), firstShard(worker + 1))
        .mapToObj(shard -> new float[work.stateSize(shard)])
        .toList();
  }

  /** Returns the states of all shards before the first round. */
  List<float[]> noStates() {
    return new ArrayList<>(Collections.nCopies(work.shards(), Learner.NO_STATE));
  }

  /** Returns those of the states of all shards that are a worker's. */
  List<float[]> statesOf(int worker, List<float[]> states) {
    return states.subList(firstShard(worker), firstShard(worker + 1));
  }

  /**
   * Checks states that came from elsewhere.
   *
   * @throws IllegalArgumentException if they are not of these shards
   */
  List<float[]> requireStates(List<float[]> states) {
    if (states.size() != work.shards()) {
      throw new IllegalArgumentException(
          "there are " + work.shards() + " shards but states of " + states.size());
    }
    for (int s = 0; s < states.size(); s++) {
      if (states.get(s).length != work.stateSize(s)) {
        throw new IllegalArgumentException(
            "shard %s carries %s numbers but its state has %s"
                .formatted(s + 1, work.stateSize(s), states.get(s).length));
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
