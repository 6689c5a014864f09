// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.StateMode;
import org.unroll.spark.train.LanguageModelRequest;
import org.unroll.spark.train.TextData;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;

/** All that training a language model can be told. */
final class LanguageModelOptions {
  @ArgGroup(validate = false, order = 1, heading = "%nData%n")
  DataOptions data = new DataOptions();

  @ArgGroup(validate = false, order = 2, heading = "%nNetwork%n")
  NetworkOptions network = new NetworkOptions();

  @ArgGroup(validate = false, order = 3, heading = "%nTraining%n")
  TrainingOptions training = new TrainingOptions();

  @ArgGroup(validate = false, order = 4, heading = "%nOptimiser%n")
  OptimizerOptions optimizer = new OptimizerOptions();

  @ArgGroup(validate = false, order = 5, heading = "%nSpark%n")
  ClusterOptions cluster = new ClusterOptions();

  @Mixin OutputOptions output;

  /**
   * What is asked for.
   *
   * @param command as a person would type it again
   * @throws InputException if options contradict each other
   */
  LanguageModelRequest request(long seed, String command) {
    data.check();
    network.check();
    optimizer.check();
    if (output.out == null) {
      throw new InputException("--out is missing: name the folder for the model, as in --out work/model.");
    }
    boolean learnedState = training.state == StateMode.LEARNED;
    return new LanguageModelRequest(
        data.textData(),
        vocabulary -> network.model(vocabulary, learnedState),
        training.spec(optimizer, cluster.shards, seed),
        cluster.rounds,
        cluster.workers == null ? 0 : cluster.workers,
        output.out,
        output.overwrite,
        command);
  }
}
