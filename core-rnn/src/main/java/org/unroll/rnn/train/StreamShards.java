// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;

/** Shards of a language model's training: streams of text whose state is carried. */
public final class StreamShards implements Learner {
  private static final float[] NO_STATE = {};

  private final List<Shard> shards;
  private final ShardWorker worker;
  private final boolean carries;

  /**
   * A group of shards that follow each other.
   *
   * @param carries whether the state goes from window to window
   */
  public StreamShards(List<Shard> shards, ShardWorker worker, boolean carries) {
    this.shards = List.copyOf(shards);
    this.worker = worker;
    this.carries = carries;
  }

  private Shard get(int shard) {
    return shards.get(shard - shards.get(0).index());
  }

  @Override
  public void load(float[] params) {
    worker.setParams(params);
  }

  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    worker.gradient(get(shard), window, into);
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    return Evaluation.of(worker.evaluate(get(shard), split));
  }

  @Override
  public float[] state(int shard) {
    return carries ? get(shard).state() : NO_STATE;
  }

  @Override
  public void restore(int shard, float[] state) {
    get(shard).restore(state);
  }
}
