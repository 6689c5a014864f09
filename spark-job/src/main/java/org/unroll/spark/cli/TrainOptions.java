// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.LanguageModelRequest;
import org.unroll.spark.task.ReadingData;
import org.unroll.spark.task.ReadingRequest;
import org.unroll.spark.task.RunRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** All that a training can be told, whatever it learns. */
final class TrainOptions {
  /** What the full name of a language model's tokenizer says. */
  private static final Collection<String> TOKENIZER = List.of("unit", "lowercase", "pattern");

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Mixin DataOptions data;

  @Mixin NetworkOptions network;

  @Mixin TrainingOptions training;

  @Mixin OptimizerOptions optimizer;

  @Mixin RunOptions run;

  /**
   * Returns a language model to be trained.
   *
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  LanguageModelRequest languageModel(long seed, String line) {
    EmbeddingStart start = complete();
    network.requireLanguageModel();
    Map<String, Object> settings = new OptionRules(command).settings(Task.LM);
    settings.keySet().removeAll(TOKENIZER);
    boolean learnedState = training.state == StateMode.LEARNED;
    return new LanguageModelRequest(
        data.textData(),
        vocabulary -> network.languageModel(vocabulary, learnedState),
        start,
        run(seed, settings, line));
  }

  /**
   * Returns a model of another task to be trained.
   *
   * @param own what the task is told
   * @param table where its rows are
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  ReadingRequest reading(Task task, TaskOptions own, TableOptions table, long seed, String line) {
    EmbeddingStart start = complete();
    data.completeRows();
    ReadingData rows = own.data(task, data, table);
    Map<String, Object> settings = new OptionRules(command).settings(task);
    TextSplitter splitter = rows.splitter();
    settings.put("unit", splitter.unit().option());
    settings.put("lowercase", splitter.lowerCase());
    RunRequest request = run(seed, settings, line);
    return new ReadingRequest(
        own.reading(task, table), rows, own.network(network), start, request, run.shardsDir());
  }

  /** Checks what no rule says, and fills in what was not said and follows from the rest. */
  private EmbeddingStart complete() {
    data.check();
    training.complete();
    optimizer.complete();
    return network.complete();
  }

  private RunRequest run(long seed, Map<String, Object> settings, String line) {
    TrainSpec spec = training.spec(optimizer, run.shards, run.wire, seed, network.freeze);
    return run.request(spec, settings, line);
  }
}
