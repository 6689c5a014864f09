// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.LayerRates;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainResult.Ending;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Trainer;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.LivePage;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.PeakMemory;
import org.unroll.spark.report.Progress;
import org.unroll.spark.report.RoundFigures;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.report.TrainingMetrics;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.Traffic;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.OutputClaim;

/**
 * Trains a model of any task, from data to a model folder: it takes hold of the folder, reads the
 * data, runs the rounds, keeps the best parameters and checkpoints on the way, and scores what is
 * held out. To run once.
 *
 * @param showsText after which epochs, from 1, a sample of what a language model writes is shown
 * @param live is told how the training stands
 */
public record TrainJob(
    SparkSession spark,
    TrainRequest request,
    Terminal terminal,
    IntPredicate showsText,
    LivePage live) {

  /** Makes a job that shows no texts, and tells nobody but the terminal how it stands. */
  public TrainJob(SparkSession spark, TrainRequest request, Terminal terminal) {
    this(spark, request, terminal, epoch -> false, new LivePage(request.title()));
  }

  /**
   * A model that was trained.
   *
   * @param request by which
   * @param training its course
   * @param outcome how good it is
   * @param embeddings what the vectors of words started from, or null
   * @param seconds from the first look at the data to the last file
   * @param memory the most that was needed
   * @param traffic the bytes at the driver in a round, the mean of all
   * @param slowestLink over which numbers took longest, if they crossed any
   */
  public record Trained(
      TrainRequest request,
      TrainResult training,
      TrainingData.Outcome outcome,
      Map<String, Object> embeddings,
      double seconds,
      Memory memory,
      Traffic traffic,
      Optional<String> slowestLink) {
    /** Returns the figures of a run by name; times of rounds are means of the last epoch. */
    public Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>(outcome.figures());
      figures.put(request.task().measure().rateName(), training.tokensPerSecond());
      figures.put("rounds", training.rounds());
      figures.put("epochs", training.epochs().size());
      figures.put("best_epoch", training.bestEpoch());
      figures.put("ended_by", training.ending().name().toLowerCase(Locale.ROOT));
      figures.put("parameters", training.params().length);
      if (embeddings != null) {
        figures.put(EmbeddingStart.NAME, embeddings);
      }
      figures.put("seconds", seconds);
      figures.putAll(memory.figures());
      EpochMetrics last = training.epochs().get(training.epochs().size() - 1);
      figures.putAll(RoundFigures.of(last.times()));
      if (!traffic.isNone()) {
        figures.put("driver_bytes_in", traffic.in());
        figures.put("driver_bytes_out", traffic.out());
      }
      slowestLink.ifPresent(link -> figures.put("slowest_link", link));
      figures.put("model", request.run().out());
      return figures;
    }

    /** Returns the same for people, in a line each by a heading. */
    public Map<String, String> lines() {
      Map<String, String> lines = new LinkedHashMap<>(outcome.lines());
      String stopped =
          training.ending() == Ending.MAX_STEPS
              ? ", stopped after step " + Figures.count(training.rounds())
              : "";
      lines.put("best epoch", training.bestEpoch() + " of " + training.epochs().size() + stopped);
      lines.put(
          "speed",
          "%s %s/s, %s in all"
              .formatted(
                  Figures.rate(training.tokensPerSecond()),
                  request.task().measure().counted(),
                  Figures.duration(seconds)));
      if (!traffic.isNone()) {
        String slowest = slowestLink.map(link -> "; slowest link: " + link).orElse("");
        lines.put("driver traffic", traffic.describe() + " a round" + slowest);
      }
      lines.put("peak memory", memory.describe());
      lines.put("model", request.run().out());
      lines.put("report", request.run().out() + "/report.html");
      return lines;
    }
  }

  /**
   * The most memory that the processes of a training needed, in bytes.
   *
   * @param driver of the driver
   * @param worker of the largest worker's process, which may be the driver's; 0 if unknown
   */
  public record Memory(long driver, long worker) {
    /** Returns what the figures of a run have. */
    Map<String, Object> figures() {
      Map<String, Object> figures = Json.fields("peak_memory_bytes", driver);
      if (worker > 0) {
        figures.put("worker_peak_memory_bytes", worker);
      }
      return figures;
    }

    /** Returns it as in {@code 412 MB in the driver, 1.1 GB in the largest worker process}. */
    String describe() {
      String own = Figures.bytes(driver);
      if (worker == driver) {
        return own;
      }
      String largest =
          worker == 0 ? "" : ", " + Figures.bytes(worker) + " in the largest worker process";
      return own + " in the driver" + largest;
    }
  }

  /**
   * Trains, and leaves the best parameters in the model folder from the first epoch on, and the
   * state to go on from beside it. Goes on where an earlier process of the same training was
   * killed.
   *
   * @throws InputException if data, options or folders cannot be used, another training has the
   *     folder, or Spark has too few slots
   */
  public Trained run() {
    try (OutputClaim ignored = OutputClaim.take(request.run().out())) {
      return claimed();
    }
  }

  private Trained claimed() {
    TrainRequest.Run run = request.run();
    ModelStore.Writer folder = new ModelStore.Writer(run.out(), run.overwrite());
    Checkpoints checkpoints =
        new Checkpoints(run.checkpoints(), run.out(), terminal, System::nanoTime);
    int workers = workers();
    Demand demand = request.demand(spark, workers);
    demand.require(NetworkSize.of(request.leastLayers()), 0);
    try (TrainingData data = request.task().open(spark, request, terminal)) {
      NetworkSpec spec = data.facts().network();
      demand.require(NetworkSize.of(spec), data.shards().steps());
      Network network = new Network(spec);
      requireParts(network);
      Start.Beginning start = start(network, data.facts());
      describe(data, network, workers, start);
      EmbeddingStart embeddings = request.embeddings();
      Map<String, Object> started =
          embeddings == null ? null : embeddings.figures(data.facts().vocabularies().get(0));
      ModelFiles files =
          new ModelFiles(
              folder,
              request,
              data,
              Checkpoints.RunIdentity.of(request, data),
              started,
              start.provenance(),
              live);
      return train(network, start.params(), workers, files, checkpoints);
    }
  }

  private Trained train(
      Network network, float[] start, int workers, ModelFiles files, Checkpoints checkpoints) {
    TrainingData data = files.data();
    TrainSpec train = request.train();
    Trainer trainer = new Trainer(network, train, data::score);
    Optional<TrainState> state = checkpoints.resume(files.run(), request.run().overwrite());
    files.claim();
    checkpoints.prepare();
    Measure measure = request.task().measure();
    Progress progress =
        new Progress(terminal, live, train.epochs(), train.maxSteps(), measure, System::nanoTime);
    TrainingMetrics metrics = new TrainingMetrics();
    TensorBoardListener board =
        new TensorBoardListener(request.run().tensorBoard(), measure, request.settings(), terminal);
    TrainListener samples =
        new TrainListener() {
          @Override
          public void epoch(EpochMetrics epoch, boolean best, float[] params) {
            show(data, epoch.epoch(), params);
          }
        };
    TrainListener[] listeners = {
      progress, metrics, new BestKeeper(files, System::nanoTime), samples, board, checkpoints
    };
    NetworkWork work = new NetworkWork(network.spec(), train, data.metric(), data.shards());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    try (checkpoints;
        metrics;
        board) {
      TrainResult result;
      ClusterRounds rounds =
          request.run().rounds().create(context, workers, work, request.run().sum());
      try (rounds) {
        rounds.describeSums().ifPresent(terminal::note);
        result =
            state.isPresent()
                ? trainer.resume(rounds, state.get(), listeners)
                : trainer.fit(rounds, start, listeners);
      }
      Trained trained = finish(result, files, checkpoints.seconds(), rounds);
      checkpoints.remove();
      return trained;
    } catch (TrainingDivergedException e) {
      throw checkpoints.explain(e);
    }
  }

  /**
   * Refuses rates of parts that the network does not have, and rates that leave nothing to learn.
   */
  private void requireParts(Network network) {
    List<String> parts = LayerRates.names(network.layout());
    Map<String, Double> factors = request.train().layers().factors();
    for (String part : factors.keySet()) {
      if (!parts.contains(part)) {
        throw new InputException(
            "--lr-layers names '%s', but the parts of this network are %s."
                .formatted(part, String.join(", ", parts)));
      }
    }
    if (parts.stream().allMatch(part -> factors.getOrDefault(part, 1.0) == 0)) {
      throw new InputException(
          "--lr-layers has 0 for all parts of the network (%s), which leaves nothing to learn: give"
                  .formatted(String.join(", ", parts))
              + " one of them a number above 0.");
    }
  }

  /** Returns what the parameters start from; none where they are drawn. */
  private Start.Beginning start(Network network, TrainingData.Facts facts) {
    if (request.start() != null) {
      return request.start().begin(request.task().name(), facts, request.train());
    }
    EmbeddingStart embeddings = request.embeddings();
    float[] params =
        embeddings == null
            ? null
            : embeddings.params(network, request.train(), facts.vocabularies().get(0));
    return new Start.Beginning(params, null, null);
  }

  private Trained finish(
      TrainResult result, ModelFiles files, double seconds, ClusterRounds rounds) {
    Memory memory = memory(rounds);
    long peak = Math.max(memory.driver(), memory.worker());
    TrainingData.Outcome outcome = files.data().finished(result, seconds, peak);
    files.finish(result, outcome);
    return new Trained(
        request,
        result,
        outcome,
        files.embeddings(),
        seconds,
        memory,
        rounds.meanTraffic(),
        rounds.slowestLink());
  }

  private Memory memory(ClusterRounds ended) {
    long driver = PeakMemory.bytes();
    boolean shared = Slots.inDriver(spark.sparkContext().getConf());
    return new Memory(driver, shared ? driver : ended.peakWorkerMemory());
  }

  /**
   * Returns as many workers as were asked for, else as many as can work. What was asked for must
   * have its slots even where there are fewer shards: who asks for more is mistaken about the
   * cluster.
   */
  private int workers() {
    int shards = request.train().shards();
    TrainRequest.Run run = request.run();
    if (run.workers() > 0) {
      if (run.rounds() == RoundsKind.RESIDENT) {
        Slots.require(run.workers(), spark.sparkContext().getConf());
      }
      return Math.min(run.workers(), shards);
    }
    int slots = Slots.of(spark.sparkContext().getConf()).orElse(shards);
    if (slots > shards) {
      terminal.note(
          ("Only %s of %s task slots will work: with more --shards more of them would"
                  + " (and the result would be another, equally good one).")
              .formatted(shards, slots));
    }
    return Math.max(1, Math.min(shards, slots));
  }

  /** Tells how much data there is, which network learns it, and where it is computed. */
  private void describe(TrainingData data, Network network, int workers, Start.Beginning start) {
    terminal.note(data.facts().amount());
    terminal.note(
        "Model: %s, %s."
            .formatted(
                ModelFiles.describe(request, network.spec()),
                Figures.count(network.layout().size(), "parameter")));
    int threads = spark.sparkContext().getConf().getInt("spark.task.cpus", 1);
    long bytes = workerBytes(request.train(), network, data.shards(), workers);
    terminal.note(
        "Rounds: %s on %s%s, %s; kernels: %s; about %s of memory a worker."
            .formatted(
                Figures.count(request.train().shards(), "shard"),
                Figures.count(workers, "worker"),
                threads > 1 ? " of " + Figures.count(threads, "thread") : "",
                request.run().rounds() == RoundsKind.RESIDENT ? "resident" : "a Spark job a round",
                Ops.describeKernels(),
                Figures.bytes(bytes)));
    if (request.train().round().isLocal()) {
      terminal.note(describeLocalSteps(request.train()));
    }
    if (start.told() != null) {
      terminal.note(start.told());
    }
    if (request.embeddings() != null) {
      terminal.note(request.embeddings().describe(data.facts().vocabularies().get(0)));
    }
  }

  /** Says that this is another training than one whose shards make every step together. */
  private static String describeLocalSteps(TrainSpec train) {
    String moments = train.optimizer().kind().moments().isEmpty() ? "" : " and the moments";
    return ("Local steps: each of %s makes %s of its own between two averages of the parameters%s."
            + " The result is another one than without --local-steps, and another one for other"
            + " --shards: its loss may be higher for the same data.")
        .formatted(
            Figures.count(train.shards(), "shard"),
            Figures.count(train.round().localSteps(), "step"),
            moments);
  }

  /**
   * Returns the bytes of a worker: the network's buffers where their size is known, the parameters,
   * the shards' gradients on their way up the tree, and the data, or as much of them as it holds at
   * a time. The worker is the one that has most shards.
   */
  static long workerBytes(TrainSpec train, Network network, TrainingData.Shards data, int workers) {
    int shards = (train.shards() + workers - 1) / workers;
    long gradients = Long.SIZE - Long.numberOfLeadingZeros(shards);
    long buffers = 0;
    if (data instanceof TextShards text) {
      Pass pass = new Pass(network);
      pass.reserve(Pass.Size.ofStreams(text.longest(), text.maxRows()));
      buffers = pass.bytes();
    }
    int parameters = network.layout().size();
    long sums = gradients * train.round().floats(parameters, train.optimizer());
    long vectors = (long) train.round().workerVectors(train.optimizer()) * parameters;
    return buffers + Float.BYTES * (vectors + sums) + data.bytes(shards);
  }

  private void show(TrainingData data, int epoch, float[] params) {
    String sample = showsText.test(epoch) ? data.sample(params) : null;
    if (sample != null) {
      terminal.note("\n" + sample.indent(4).stripTrailing() + "\n");
    }
  }
}
