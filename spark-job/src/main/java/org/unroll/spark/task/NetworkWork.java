// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Map;
import org.apache.spark.TaskContext;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.NetworkLearner;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.rounds.ShardWork;

/**
 * The work of training a network of any task.
 *
 * @param network what is trained
 * @param spec how
 * @param metric what evaluations add up, or null for the loss alone
 * @param data what is learnt and what is held out
 */
public record NetworkWork(
    NetworkSpec network, TrainSpec spec, Metric metric, TrainingData.Shards data)
    implements ShardWork {
  /** The steps that are read at a time where a text is scored. */
  private static final int EVALUATION_WINDOW = 64;

  /** Returns the work of training a language model on text. */
  public static NetworkWork ofText(
      NetworkSpec network, TrainSpec spec, Map<Split, TokenSource> text) {
    return new NetworkWork(network, spec, null, new TextShards(text, spec));
  }

  /**
   * Returns the work of scoring a text with a language model.
   *
   * @param streams that the text is cut into
   * @param shards that share them
   */
  static NetworkWork toScore(NetworkSpec network, TokenSource text, int streams, int shards) {
    StateMode state = network.learnedState() ? StateMode.LEARNED : StateMode.CARRY;
    OptimizerSpec none = OptimizerSpec.of(OptimizerSpec.Kind.SGD, 1);
    TrainSpec spec = TrainSpec.of(EVALUATION_WINDOW, shards, state, streams, none, 0);
    return ofText(network, spec, Map.of(Split.VALID, text));
  }

  @Override
  public int shards() {
    return spec.shards();
  }

  @Override
  public int parameters() {
    return spec.round().floats(new Network(network).layout().size(), spec.optimizer());
  }

  @Override
  public Wire wire() {
    return spec.wire();
  }

  @Override
  public int windows() {
    return spec.round().rounds(data.windows());
  }

  @Override
  public int stateSize(int shard) {
    boolean carries = spec.state() == StateMode.CARRY && network.encoder() != null;
    return carries ? network.encoder().stateSize(data.streams(shard)) : 0;
  }

  @Override
  public boolean has(Split split) {
    return data.has(split);
  }

  @Override
  public Learner open(int first, int end) {
    Network laidOut = new Network(network);
    // As many threads as Spark has reserved cores for the task that runs this.
    TaskContext task = TaskContext.get();
    int threads = task == null ? 1 : task.cpus();
    ExampleSource source = data.open(laidOut, first, end);
    return NetworkLearner.ofTraining(laidOut, spec, source, metric, threads);
  }
}
