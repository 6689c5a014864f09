// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.function.IntPredicate;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.Trainer;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Terminal;

/** Trains a language model, from text to a model folder. */
public final class LanguageModelJob {
  private static final int SAMPLE_TOKENS = 160;
  private static final Sampling SAMPLING = new Sampling(0.7, 0, 1, 1);

  private final SparkSession spark;
  private final LanguageModelRequest request;
  private final Terminal terminal;
  private final IntPredicate showsText;

  /**
   * A job to run once.
   *
   * @param showsText after which epochs, from 1, a sample of what the model writes is shown
   */
  public LanguageModelJob(
      SparkSession spark, LanguageModelRequest request, Terminal terminal, IntPredicate showsText) {
    this.spark = spark;
    this.request = request;
    this.terminal = terminal;
    this.showsText = showsText;
  }

  /**
   * Trains; see {@link TrainingCourse#run}.
   *
   * @throws org.unroll.rnn.io.InputException if data, options or folders cannot be used
   */
  public LanguageModelResult run() {
    TrainingCourse course = new TrainingCourse(spark, request.run(), terminal);
    TrainSpec train = request.run().train();
    TextSplits text = TextSplits.open(spark, request.data(), train.window());
    SequenceModel model = new SequenceModel(request.model().apply(text.vocabulary().size()));
    course.describe(
        text.describe(),
        Descriptions.of(model.spec()),
        model.layout().size(),
        WorkerMemory.bytes(model, train, text.sources(), course.workers()));
    EmbeddingStart embeddings = request.embeddings();
    if (embeddings != null) {
      terminal.note(embeddings.coverage(text.vocabulary()).describe(embeddings.path()));
    }
    LanguageModelRequest resolved = request.with(text.data());
    RunIdentity run = new RunIdentity(text.hash(), resolved.settings()).startingFrom(embeddings);
    ModelFiles files = new ModelFiles(course.folder(), resolved, model, text, run);
    return course.run(
        run,
        new ModelWork(model.spec(), train, text.sources()),
        new Trainer(model, train),
        start(model, text),
        Measure.LANGUAGE_MODEL,
        files,
        (epoch, params) -> show(epoch, params, files.generator()));
  }

  /** The parameters that an embedding from word vectors starts from; null to draw all. */
  private float[] start(SequenceModel model, TextSplits text) {
    return request.embeddings() == null
        ? null
        : request.embeddings().params(model, request.run().train(), text.vocabulary());
  }

  private void show(int epoch, float[] params, TextGenerator generator) {
    if (showsText.test(epoch)) {
      generator.setParams(params);
      String sample = generator.text("", SAMPLE_TOKENS, SAMPLING).strip();
      terminal.note("\n" + sample.indent(4).stripTrailing() + "\n");
    }
  }
}
