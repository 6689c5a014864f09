// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainResult.Ending;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Trainer;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.PeakMemory;
import org.unroll.spark.report.Progress;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.report.TrainingMetrics;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.ShardWork;
import org.unroll.spark.store.ModelStore;

/**
 * What all trainings have in common, whatever is learnt: the model's folder, workers, checkpoints,
 * rounds and progress. To run once.
 */
public final class TrainingCourse {
  private final SparkSession spark;
  private final RunRequest request;
  private final Terminal terminal;
  private final ModelStore.Writer folder;
  private final Checkpoints checkpoints;
  private final int workers;

  /**
   * Takes hold of the model's folder, before any data are read.
   *
   * @throws org.unroll.rnn.io.InputException if it cannot be used, or Spark has too few slots
   */
  public TrainingCourse(SparkSession spark, RunRequest request, Terminal terminal) {
    this.spark = spark;
    this.request = request;
    this.terminal = terminal;
    folder = ModelStore.writer(request.out(), request.overwrite());
    checkpoints = new Checkpoints(request.checkpoints(), request.out(), terminal, System::nanoTime);
    workers = workers(spark, request, terminal);
  }

  /**
   * As many as were asked for, else as many as can work. What was asked for must have its slots
   * even where there are fewer shards: who asks for more is mistaken about the cluster.
   */
  private static int workers(SparkSession spark, RunRequest request, Terminal terminal) {
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

  /** How many tasks share the shards. */
  public int workers() {
    return workers;
  }

  /** Where the model goes. */
  public ModelStore.Writer folder() {
    return folder;
  }

  /**
   * Tells what is about to happen.
   *
   * @param data how much there is, a sentence
   * @param model the network in words
   * @param parameters how many it has
   * @param bytes that a worker needs
   */
  public void describe(String data, String model, int parameters, long bytes) {
    terminal.note(data);
    terminal.note("Model: " + model + ", " + Figures.count(parameters) + " parameters.");
    int threads = spark.sparkContext().getConf().getInt("spark.task.cpus", 1);
    terminal.note(
        "Rounds: "
            + Figures.count(request.train().shards(), "shard")
            + " on "
            + Figures.count(workers, "worker")
            + (threads > 1 ? " of " + Figures.count(threads, "thread") : "")
            + ", "
            + Descriptions.of(request.rounds())
            + "; kernels: "
            + Ops.describeKernels()
            + "; about "
            + Figures.bytes(bytes)
            + " of memory a worker.");
  }

  /**
   * Trains, keeping the best parameters in the model folder from the first epoch on, and the state
   * to go on from beside it. Goes on where an earlier process of the same training was killed.
   *
   * @param start the parameters to start from; null to draw them
   * @param measure what progress tells
   * @throws org.unroll.rnn.io.InputException if data, options or folders cannot be used
   */
  public <R> R run(
      RunIdentity run,
      ShardWork work,
      Trainer trainer,
      float[] start,
      Measure measure,
      TrainedFiles<R> files,
      EpochView view) {
    Optional<TrainState> state = checkpoints.resume(run, request.overwrite());
    folder.claim(run.id());
    checkpoints.prepare();
    TrainSpec train = request.train();
    Progress progress =
        new Progress(terminal, train.epochs(), train.maxSteps(), measure, System::nanoTime);
    TrainingMetrics metrics = new TrainingMetrics();
    TrainingNarrator narrator =
        new TrainingNarrator(progress, files::keep, checkpoints, metrics, view);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    try (checkpoints;
        metrics) {
      TrainResult result;
      ClusterRounds rounds = request.rounds().create(context, workers, work);
      try (rounds) {
        result =
            state.isPresent()
                ? trainer.resume(rounds, state.get(), narrator)
                : trainer.fit(rounds, start, narrator);
      }
      R finished = files.finish(result, checkpoints.seconds(), memory(rounds));
      checkpoints.remove();
      return finished;
    } catch (TrainingDivergedException e) {
      throw checkpoints.explain(e);
    }
  }

  /** How a training went, in sentences. */
  public static String describe(TrainResult training) {
    return "Trained for "
        + Figures.count(training.epochs().size(), "epoch")
        + ", "
        + Figures.count(training.rounds(), "round")
        + " in all; the parameters of epoch "
        + training.bestEpoch()
        + " were kept."
        + (training.ending() == Ending.MAX_STEPS
            ? " It was to stop there (--max-steps), whether the epoch was over or not."
            : "");
  }

  private MemoryPeaks memory(ClusterRounds ended) {
    long driver = PeakMemory.bytes();
    boolean shared = Slots.inDriver(spark.sparkContext().getConf());
    return new MemoryPeaks(driver, shared ? driver : ended.peakWorkerMemory());
  }
}
