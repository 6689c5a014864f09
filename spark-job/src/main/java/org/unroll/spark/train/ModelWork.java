// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import org.apache.spark.TaskContext;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.model.ModelSpec;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StateMode;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.SplitSources;
import org.unroll.spark.corpus.TokenSource;

/** Training a language model on tokens. */
record ModelWork(ModelSpec model, TrainSpec spec, SplitSources data) implements ShardWork {
  @Override
  public int shards() {
    return spec.shards();
  }

  @Override
  public int parameters() {
    return new SequenceModel(model).layout().size();
  }

  @Override
  public Wire wire() {
    return spec.wire();
  }

  @Override
  public int windows() {
    return plan(Split.TRAIN).windows();
  }

  @Override
  public int stateSize(int shard) {
    return spec.state() == StateMode.CARRY
        ? model.rnn().stateSize(plan(Split.TRAIN).rowsOf(shard))
        : 0;
  }

  @Override
  public boolean has(Split split) {
    return source(split) != null;
  }

  @Override
  public ShardHost open(int first, int end) {
    return new ModelHost(this, first, end, threads());
  }

  /** As many as Spark has reserved cores for the task that runs this ({@code spark.task.cpus}). */
  private static int threads() {
    TaskContext task = TaskContext.get();
    return task == null ? 1 : task.cpus();
  }

  TokenSource source(Split split) {
    return switch (split) {
      case TRAIN -> data.train();
      case VALID -> data.valid();
      case TEST -> data.test();
    };
  }

  /** How a split that is there is cut. */
  StreamPlan plan(Split split) {
    return spec.plan(split, source(split).tokens());
  }
}
