// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.model.SequenceModel;

/** All shards in the calling thread, with the data in memory: what all other rounds must equal. */
public final class LocalRounds implements Rounds {
  private static final float[] NO_STATE = {};

  private final int size;
  private final boolean carries;
  private final int windows;
  private final List<Shard> shards = new ArrayList<>();
  private final ShardTree tree;
  private final RoundedParams rounded;
  private final ShardWorker worker;
  private RoundTimes times = RoundTimes.NONE;

  /**
   * Cuts the data into shards.
   *
   * @param train token ids
   * @param valid token ids to validate with, or null
   * @param test token ids to test with, or null
   */
  public LocalRounds(SequenceModel model, TrainSpec spec, int[] train, int[] valid, int[] test) {
    size = model.layout().size();
    carries = spec.state() == StateMode.CARRY;
    tree = new ShardTree(spec.shards(), spec.wire());
    rounded = new RoundedParams(spec.wire());
    StreamPlan trainPlan = spec.plan(Split.TRAIN, train.length);
    StreamPlan validPlan = spec.plan(Split.VALID, valid == null ? 0 : valid.length);
    StreamPlan testPlan = spec.plan(Split.TEST, test == null ? 0 : test.length);
    windows = trainPlan.windows();
    for (int s = 0; s < spec.shards(); s++) {
      shards.add(
          new Shard(
              s,
              Shard.cut(trainPlan, s, train),
              Shard.cut(validPlan, s, valid),
              Shard.cut(testPlan, s, test)));
    }
    worker = new ShardWorker(model, spec, Math.max(trainPlan.maxRows(), validPlan.maxRows()), 1);
  }

  @Override
  public int windows() {
    return windows;
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    long start = System.nanoTime();
    float[] sent = rounded.of(params);
    ShardTimer timer = new ShardTimer();
    long encode = System.nanoTime() - start;
    worker.setParams(sent);
    tree.clear();
    long adding = 0;
    for (Shard shard : shards) {
      WeightedSum sum = tree.take(size);
      timer.begin();
      worker.gradient(shard, window, sum);
      timer.end(shard.index());
      long computed = System.nanoTime();
      tree.add(tree.leaf(shard.index()), sum);
      adding += System.nanoTime() - computed;
    }
    List<WorkerTimes> worked = List.of(timer.times(adding));
    times = RoundTimes.of(System.nanoTime() - start, worked, encode, adding);
    return tree.total();
  }

  @Override
  public Loss evaluate(Split split, float[] params) {
    worker.setParams(params);
    return ShardTree.sum(shards.stream().map(s -> worker.evaluate(s, split)).toList());
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return tree.losses();
  }

  @Override
  public RoundTimes times() {
    return times;
  }

  @Override
  public List<float[]> states() {
    return shards.stream().map(shard -> carries ? shard.state() : NO_STATE).toList();
  }

  @Override
  public void restore(List<float[]> states) {
    if (states.size() != shards.size()) {
      throw new IllegalArgumentException(
          "there are " + shards.size() + " shards but states of " + states.size());
    }
    shards.forEach(shard -> shard.restore(states.get(shard.index())));
  }

  /** Nothing to release. */
  @Override
  public void close() {}
}
