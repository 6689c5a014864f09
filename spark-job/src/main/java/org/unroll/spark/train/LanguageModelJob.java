// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Trainer;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.spark.io.ModelStore;
import org.unroll.spark.ops.Figures;
import org.unroll.spark.ops.PeakMemory;
import org.unroll.spark.ops.Progress;
import org.unroll.spark.ops.Terminal;
import org.unroll.spark.ops.TrainingMetrics;

/** Trains a language model, from text to a model folder. */
public final class LanguageModelJob {
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
   * Trains, keeping the best parameters in the model folder from the first epoch on, and the state
   * to go on from beside it. Goes on where an earlier process of the same training was killed.
   *
   * @throws org.unroll.rnn.io.InputException if data, options or folders cannot be used
   */
  public LanguageModelResult run() {
    ModelStore.Writer folder = ModelStore.writer(request.out(), request.overwrite());
    Checkpoints checkpoints =
        new Checkpoints(request.checkpoints(), request.out(), terminal, System::nanoTime);
    TrainSpec train = request.train();
    int workers = workers();
    TextSplits text = TextSplits.open(spark, request.data(), train.window());
    SequenceModel model = new SequenceModel(request.model().apply(text.vocabulary().size()));
    describe(text, model, workers);

    RunIdentity run =
        new RunIdentity(text.data(), text.hash(), model.spec(), train)
            .startingFrom(request.embeddings());
    Optional<TrainState> state = checkpoints.resume(run, request.overwrite());
    folder.claim(run.id());
    checkpoints.prepare();
    ModelFiles files = new ModelFiles(folder, request.with(text.data()), model, text, run);
    Progress progress = new Progress(terminal, train.epochs(), train.maxSteps(), System::nanoTime);
    TrainingMetrics metrics = new TrainingMetrics();
    TrainingNarrator narrator =
        new TrainingNarrator(progress, files, checkpoints, metrics, terminal, showsText);
    try (checkpoints;
        metrics) {
      Trainer trainer = new Trainer(model, train);
      TrainResult result;
      ClusterRounds rounds =
          RoundsFactory.create(spark, request.rounds(), workers, model, train, text.sources());
      try (rounds) {
        result =
            state.isPresent()
                ? trainer.resume(rounds, state.get(), narrator)
                : trainer.fit(rounds, start(model, text), narrator);
      }
      MemoryPeaks memory = memory(rounds);
      LanguageModelResult finished = files.finish(result, checkpoints.seconds(), memory);
      checkpoints.remove();
      return finished;
    } catch (TrainingDivergedException e) {
      throw checkpoints.explain(e);
    }
  }

  private MemoryPeaks memory(ClusterRounds ended) {
    long driver = PeakMemory.bytes();
    boolean shared = Slots.inDriver(spark.sparkContext().getConf());
    return new MemoryPeaks(driver, shared ? driver : ended.peakWorkerMemory());
  }

  /** The parameters that an embedding from word vectors starts from; null to draw all. */
  private float[] start(SequenceModel model, TextSplits text) {
    return request.embeddings() == null
        ? null
        : request.embeddings().params(model, request.train(), text.vocabulary());
  }

  /**
   * As many as were asked for, else as many as can work. What was asked for must have its slots
   * even where there are fewer shards: who asks for more is mistaken about the cluster.
   */
  private int workers() {
    int shards = request.train().shards();
    if (request.workers() > 0) {
      if (request.rounds() == RoundsKind.RESIDENT) {
        Slots.require(request.workers(), spark.sparkContext().getConf());
      }
      return Math.min(request.workers(), shards);
    }
    int slots = Slots.of(spark.sparkContext().getConf()).orElse(shards);
    if (slots > shards) {
      terminal.note(
          "Only "
              + shards
              + " of "
              + slots
              + " task slots will work: with more --shards more of them would (and the result would"
              + " be another, equally good one).");
    }
    return Math.max(1, Math.min(shards, slots));
  }

  private void describe(TextSplits text, SequenceModel model, int workers) {
    terminal.note(text.describe());
    terminal.note(
        "Model: "
            + Descriptions.of(model.spec())
            + ", "
            + Figures.count(model.layout().size())
            + " parameters.");
    if (request.embeddings() != null) {
      terminal.note(
          request.embeddings().coverage(text.vocabulary()).describe(request.embeddings().path()));
    }
    int threads = spark.sparkContext().getConf().getInt("spark.task.cpus", 1);
    terminal.note(
        "Rounds: "
            + Descriptions.count(request.train().shards(), "shard")
            + " on "
            + Descriptions.count(workers, "worker")
            + (threads > 1 ? " of " + Descriptions.count(threads, "thread") : "")
            + ", "
            + Descriptions.of(request.rounds())
            + "; kernels: "
            + Ops.describeKernels()
            + "; about "
            + Figures.bytes(WorkerMemory.bytes(model, request.train(), text.sources(), workers))
            + " of memory a worker.");
  }
}
