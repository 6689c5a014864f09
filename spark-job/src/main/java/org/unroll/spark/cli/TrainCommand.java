// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.spark.SparkRuntime;
import org.unroll.spark.io.ModelStore;
import org.unroll.spark.train.LanguageModelJob;
import org.unroll.spark.train.LanguageModelRequest;
import org.unroll.spark.train.LanguageModelResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a model. */
@Command(
    name = "train",
    description = "Trains a model on Spark.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class TrainCommand extends BaseCommand {
  @Option(
      names = "--task",
      defaultValue = "lm",
      paramLabel = "TASK",
      description = "What to learn: lm, a language model (default: ${DEFAULT-VALUE}).")
  Task task;

  @Mixin LanguageModelOptions options;

  TrainCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Map<String, Object> run() {
    LanguageModelRequest request = options.request(common.seed, invocation.command());
    ModelStore.requireFree(request.out(), request.overwrite());
    options.cluster.reserveCores();
    try (SparkRuntime spark = startSpark()) {
      LanguageModelResult trained =
          new LanguageModelJob(spark.session(), request, terminal(), epoch -> false).run();
      result(ResultTable.of(trained));
      return trained.figures();
    }
  }
}
