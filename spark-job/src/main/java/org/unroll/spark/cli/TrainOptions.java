// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.LivePage;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.serve.TrainingServer;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.Task;
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
   * Returns a model to be trained: checks what no rule says, and fills in what was not said and
   * follows from the rest.
   *
   * @param own what the task is told
   * @param rowOptions where its rows are, or how the text of a language model is written
   * @param line the command as a person would type it again
   * @throws org.unroll.rnn.io.InputException if something is missing or cannot be
   */
  TrainRequest request(
      TaskName name, TaskOptions own, RowOptions rowOptions, long seed, String line) {
    data.check();
    training.complete();
    EmbeddingStart start = network.complete(name);
    TrainRequest.Data source =
        name == TaskName.LM ? data.text(rowOptions) : own.rows(name, this, rowOptions);
    Map<String, Object> settings = new OptionRules(command).settings(name);
    Task task;
    if (source instanceof TrainRequest.Text text) {
      settings.keySet().removeAll(TOKENIZER);
      task = new LanguageModel(text.unit());
    } else {
      TextSplitter splitter = ((TrainRequest.Rows) source).splitter();
      settings.put("unit", splitter.unit().option());
      settings.put("lowercase", splitter.lowerCase());
      task = own.task(name, rowOptions);
    }
    TrainSpec spec = training.spec(run.shards, run.wire, seed);
    return new TrainRequest(
        task,
        source,
        network.choice(name, own),
        start,
        run.start(),
        spec,
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
    LivePage live = new LivePage(request.title());
    try (TrainingServer server = run.ui == null ? null : new TrainingServer(run.ui, live::html);
        SparkRuntime spark = by.startSpark()) {
      if (server != null) {
        by.terminal().note("The page of this training, while it runs: " + server.url());
      }
      return new TrainJob(spark.session(), request, by.terminal(), showsText, live).run();
    }
  }
}
