// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.LanguageModelJob;
import org.unroll.spark.task.LanguageModelRequest;
import org.unroll.spark.task.LanguageModelResult;
import org.unroll.spark.task.ReadingJob;
import org.unroll.spark.task.ReadingRequest;
import org.unroll.spark.task.ReadingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that trains a model of any task. */
@Command(name = "train", description = "Trains a model on Spark.")
final class TrainCommand extends BaseCommand {
  @Option(
      names = "--task",
      defaultValue = "lm",
      paramLabel = "TASK",
      description =
          "What to learn: lm (a language model), classify (a class for every sequence), tag (a"
              + " label for every step), forecast (the next numbers of a series, or the number of"
              + " a label), state (a vector for every step of an agent, from its observations and"
              + " actions, that predicts the next observation) or recognise (the text that a"
              + " sequence says).")
  Task task;

  @Mixin TrainOptions options;

  @Mixin TableOptions table;

  @Mixin TaskOptions own;

  @Override
  Map<String, Object> run() {
    new OptionRules(spec).checkTask(task);
    return task == Task.LM ? languageModel() : readingTask();
  }

  private Map<String, Object> readingTask() {
    ReadingRequest request = options.reading(task, own, table, common.seed, invocation.command());
    ModelStore.requireFree(request.run().out(), request.run().overwrite());
    options.run.reserveCores();
    try (SparkRuntime spark = startSpark()) {
      ReadingResult trained = new ReadingJob(spark.session(), request, terminal()).run();
      result(ResultTable.of(trained));
      return trained.figures();
    }
  }

  private Map<String, Object> languageModel() {
    LanguageModelRequest request = options.languageModel(common.seed, invocation.command());
    ModelStore.requireFree(request.run().out(), request.run().overwrite());
    options.run.reserveCores();
    try (SparkRuntime spark = startSpark()) {
      LanguageModelResult trained =
          new LanguageModelJob(spark.session(), request, terminal(), epoch -> false).run();
      result(ResultTable.of(trained));
      return trained.figures();
    }
  }
}
