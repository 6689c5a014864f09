// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The options of a training, whatever it learns. */
final class TrainOptions {
  /** The settings that the full name of a language model's tokenizer says. */
  private static final Collection<String> TOKENIZER = List.of("unit", "lowercase", "pattern");

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Mixin DataOptions data;

  @Mixin NetworkOptions network;

  @Mixin TrainingOptions training;

  @Mixin RunOptions run;

  /**
   * Returns a language model to be trained.
   *
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  TrainRequest languageModel(RowOptions rowOptions, long seed, String line) {
    EmbeddingStart start = complete();
    Map<String, Object> settings = new OptionRules(command).settings(TaskName.LM);
    settings.keySet().removeAll(TOKENIZER);
    TrainRequest.Text text = data.textData(rowOptions);
    return new TrainRequest(
        new LanguageModel(text.unit()),
        text,
        network.choice(false, 0, false, 1),
        start,
        spec(seed),
        settings,
        run.request(line));
  }

  /**
   * Returns a model of another task to be trained.
   *
   * @param own what the task is told
   * @param rowOptions where its rows are
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  TrainRequest rows(TaskName task, TaskOptions own, RowOptions rowOptions, long seed, String line) {
    EmbeddingStart start = complete();
    data.completeRows();
    TrainRequest.Rows rows = own.data(task, data, rowOptions, run.shardsDir());
    Map<String, Object> settings = new OptionRules(command).settings(task);
    TextSplitter splitter = rows.splitter();
    settings.put("unit", splitter.unit().option());
    settings.put("lowercase", splitter.lowerCase());
    return new TrainRequest(
        own.task(task, rowOptions),
        rows,
        own.network(network),
        start,
        spec(seed),
        settings,
        run.request(line));
  }

  /**
   * Trains what was asked for, if its folder is free.
   *
   * @param showsText after which epochs, from 1, a language model shows what it writes
   */
  TrainJob.Trained train(BaseCommand by, TrainRequest request, IntPredicate showsText) {
    ModelStore.requireFree(request.run().out(), request.run().overwrite());
    run.reserveCores();
    try (SparkRuntime spark = by.startSpark()) {
      return new TrainJob(spark.session(), request, by.terminal(), showsText).run();
    }
  }

  /** Checks what no rule says, and fills in what was not said and follows from the rest. */
  private EmbeddingStart complete() {
    data.check();
    training.complete();
    return network.complete();
  }

  private TrainSpec spec(long seed) {
    return training.spec(run.shards, run.wire, seed);
  }
}
