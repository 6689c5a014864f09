// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;

/** All shards in the calling thread, with the data in memory: what all other rounds must equal. */
final class LocalRounds implements Rounds {
  private final int count;
  private final int windows;
  private final Learner shards;
  private final ShardTree tree;
  private final Wire wire;
  private final Map<ShardTree.Node, Loss> losses = new LinkedHashMap<>();
  private float[] rounded = {};
  private RoundTimes times = RoundTimes.NONE;

  /**
   * Cuts the data into shards.
   *
   * @param train token ids
   * @param valid token ids to validate with, or null
   * @param test token ids to test with, or null
   */
  LocalRounds(Network network, TrainSpec spec, int[] train, int[] valid, int[] test) {
    this(
        spec.round().floats(network.layout().size(), spec.optimizer()),
        spec,
        spec.plan(Split.TRAIN, train.length).windows(),
        cut(network, spec, train, valid, test));
  }

  /**
   * Makes rounds of any training.
   *
   * @param size floats of the parameters
   * @param windows windows, or batches, of an epoch
   * @param shards all shards of the specification
   */
  LocalRounds(int size, TrainSpec spec, int windows, Learner shards) {
    this.windows = spec.round().rounds(windows);
    this.shards = shards;
    count = spec.shards();
    tree = ShardTree.whole(spec.shards(), size, spec.wire());
    wire = spec.wire();
  }

  private static Learner cut(
      Network network, TrainSpec spec, int[] train, int[] valid, int[] test) {
    Map<Split, int[]> texts = new HashMap<>(Map.of(Split.TRAIN, train));
    if (valid != null) {
      texts.put(Split.VALID, valid);
    }
    if (test != null) {
      texts.put(Split.TEST, test);
    }
    StreamSource source = Streams.source(spec, 0, spec.shards(), texts);
    return NetworkLearner.ofTraining(network, spec, source, null, 1);
  }

  @Override
  public int windows() {
    return windows;
  }

  @Override
  public WeightedSum gradient(Window window, float[] params) {
    long start = System.nanoTime();
    rounded = wire.rounded(params, rounded);
    WorkerTimes.Timer timer = new WorkerTimes.Timer();
    long encode = System.nanoTime() - start;
    shards.load(rounded);
    tree.begin(window.step());
    for (int shard = 0; shard < count; shard++) {
      WeightedSum sum = tree.take();
      timer.begin();
      shards.gradient(shard, window, sum);
      timer.end(shard);
      losses.put(ShardTree.Node.of(shard), sum.loss());
      tree.add(ShardTree.Node.of(shard), sum);
    }
    List<WorkerTimes> worked = List.of(timer.times(tree.adding()));
    times = RoundTimes.of(System.nanoTime() - start, worked, encode, tree.adding());
    return tree.total();
  }

  @Override
  public Evaluation evaluate(Split split, float[] params) {
    shards.load(params);
    return Evaluation.sum(
        IntStream.range(0, count).mapToObj(s -> shards.evaluate(s, split)).toList());
  }

  @Override
  public Map<ShardTree.Node, Loss> losses() {
    return losses;
  }

  @Override
  public RoundTimes times() {
    return times;
  }

  @Override
  public List<float[]> states() {
    return IntStream.range(0, count).mapToObj(shards::state).toList();
  }

  @Override
  public void restore(List<float[]> states) {
    if (states.size() != count) {
      throw new IllegalArgumentException(
          "there are " + count + " shards but states of " + states.size());
    }
    IntStream.range(0, count).forEach(shard -> shards.restore(shard, states.get(shard)));
  }

  /** Does nothing: there is nothing to release. */
  @Override
  public void close() {}
}
