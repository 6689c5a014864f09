// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Shard;
import org.unroll.rnn.train.ShardWorker;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.spark.rounds.ShardHost;

/**
 * Shards of a language model's training with their tokens in memory, or with what is read next of
 * them.
 */
final class ModelHost implements ShardHost {
  private final ModelWork work;
  private final int first;
  private final Shard[] shards;
  private final ShardWorker worker;

  /**
   * Opens the tokens of the shards {@code [first, end)}.
   *
   * @param threads that compute a shard together
   * @throws org.unroll.rnn.io.InputException if the data cannot be read
   */
  ModelHost(ModelWork work, int first, int end, int threads) {
    this.work = work;
    this.first = first;
    shards = new Shard[end - first];
    for (int s = first; s < end; s++) {
      shards[s - first] =
          new Shard(s, read(Split.TRAIN, s), read(Split.VALID, s), read(Split.TEST, s));
    }
    worker = new ShardWorker(new SequenceModel(work.model()), work.spec(), maxRows(), threads);
  }

  private StreamBatcher read(Split split, int shard) {
    if (!work.has(split)) {
      return null;
    }
    StreamPlan plan = work.plan(split);
    TokenRun tokens =
        work.source(split)
            .open(plan.firstToken(shard), plan.endToken(shard), work.pieceTokensOf(shards.length));
    return new StreamBatcher(plan, shard, tokens);
  }

  private int maxRows() {
    return Arrays.stream(Split.values())
        .filter(work::has)
        .mapToInt(split -> work.plan(split).maxRows())
        .max()
        .orElseThrow();
  }

  @Override
  public void setParams(float[] params) {
    worker.setParams(params);
  }

  @Override
  public void gradient(int shard, Window window, WeightedSum into) {
    worker.gradient(shards[shard - first], window, into);
  }

  @Override
  public Evaluation evaluate(int shard, Split split) {
    return Evaluation.of(worker.evaluate(shards[shard - first], split));
  }

  @Override
  public void save(int shard, float[] into, int offset) {
    float[] state = shards[shard - first].state();
    int size = work.stateSize(shard);
    if (state.length == 0) {
      Arrays.fill(into, offset, offset + size, 0);
    } else {
      System.arraycopy(state, 0, into, offset, size);
    }
  }

  @Override
  public void restore(int shard, float[] from, int offset) {
    shards[shard - first].restore(Arrays.copyOfRange(from, offset, offset + work.stateSize(shard)));
  }
}
