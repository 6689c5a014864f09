// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.LanguageModelRequest;
import org.unroll.spark.task.RunRequest;
import picocli.CommandLine.Mixin;

/** All that training a language model can be told. */
final class LanguageModelOptions {
  @Mixin DataOptions data;

  @Mixin NetworkOptions network;

  @Mixin EmbeddingOptions embeddings;

  @Mixin TrainingOptions training;

  @Mixin OptimizerOptions optimizer;

  @Mixin ClusterOptions cluster;

  @Mixin OutputOptions output;

  @Mixin CheckpointOptions checkpoints;

  /**
   * What is asked for.
   *
   * @param command as a person would type it again
   * @throws InputException if options contradict each other
   */
  LanguageModelRequest request(long seed, String command) {
    data.check();
    EmbeddingStart start = embeddings.read(network);
    network.check();
    optimizer.check();
    boolean learnedState = training.state == StateMode.LEARNED;
    return new LanguageModelRequest(
        data.textData(),
        vocabulary -> network.model(vocabulary, learnedState),
        start,
        run(seed, command));
  }

  /** How it is trained and where it goes. */
  RunRequest run(long seed, String command) {
    if (output.out == null) {
      throw new InputException(
          "--out is missing: name the folder for the model, as in --out work/model.");
    }
    return new RunRequest(
        training.spec(optimizer, cluster.shards, cluster.wire, seed, embeddings.freeze),
        cluster.rounds,
        cluster.workers == null ? 0 : cluster.workers,
        output.out,
        output.overwrite,
        checkpoints.settings(),
        command);
  }
}
