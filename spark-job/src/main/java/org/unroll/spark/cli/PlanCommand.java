// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSize;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.PlanBench;
import org.unroll.spark.lab.Predictor;
import org.unroll.spark.lab.Profile;
import org.unroll.spark.report.Platform;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.task.NetworkChoice;
import org.unroll.spark.task.TextSplits;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Predicts what executors would bring. */
@Command(
    name = "plan",
    description = {
      "Measures a model on this machine, and predicts tokens per second for more executors: with sums"
          + " of the driver, with sums that executors share, and with fewer rounds. Takes the"
          + " options of train; without --input, tokens are random (--vocab-size many).",
      "Below stands what was predicted and what was measured here (--check)."
    })
@OptionRule.Group("Plan")
final class PlanCommand extends BaseCommand {
  /** Rounds of more executors than that cost time and tell little more. */
  private static final int MOST_MEASURED = 4;

  private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)([a-zA-Z]+)");

  @Option(
      names = "--executors",
      split = ",",
      paramLabel = "COUNTS",
      description =
          "Numbers of executors to predict for, of one core (--threads) each; commas between"
              + " several.")
  @Range(min = 1, max = 100_000)
  List<Integer> executors = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024);

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      converter = Bandwidth.class,
      description =
          "Of every machine's network, such as 10Gbit (default: what the processes here reach).")
  @Range(above = true)
  Double bandwidth;

  @Option(
      names = "--latency",
      paramLabel = "TIME",
      converter = Latency.class,
      description =
          "Of a message on the network, such as 0.2ms, on top of what one costs here"
              + " (default: none).")
  @Range
  Double latency;

  @Option(
      names = "--scaling",
      paramLabel = "KIND",
      description = "strong (executors share --batch) or weak (each has --batch streams).")
  Predictor.Scaling scaling = Predictor.Scaling.STRONG;

  @Option(
      names = "--wire",
      paramLabel = "FORMAT",
      description = "Of gradients and parameters: fp32, or bf16 (half the bytes).")
  Wire wire = Wire.FP32;

  @Option(
      names = "--threads",
      paramLabel = "CORES",
      description = "Threads that compute together in each executor, on as many cores.")
  @Range(min = 1, max = 1024)
  int threads = 1;

  @Option(
      names = "--check",
      split = ",",
      paramLabel = "COUNTS",
      description =
          "Numbers of executors that are trained with here, to compare; commas between several.")
  @Range(min = 1, max = 1024)
  List<Integer> check = List.of(1, 2);

  @Option(
      names = "--shared-cores",
      paramLabel = "CORES",
      description =
          "Cores that the executors of --check have together, where they are on one machine"
              + " (default: with a local master those of this machine; else each has its own).")
  @Range(min = 1)
  Integer sharedCores;

  @Option(
      names = "--shards",
      hidden = true,
      paramLabel = "SLICES",
      description = "Of presets: a plan has a shard for each executor.")
  int shards = 1;

  @Mixin DataOptions data;

  @Mixin NetworkOptions network;

  @Mixin TrainingOptions training;

  @Mixin RaceCommand.PaceOptions pace;

  @Override
  TaskName onlyTask() {
    return TaskName.LM;
  }

  @Override
  Map<String, Object> run() {
    data.checkVocabulary();
    training.complete();
    network.complete(TaskName.LM);
    if (data.input.isEmpty() && (data.vocabularySize == null || data.vocabularySize == 0)) {
      throw new InputException(
          "--vocab-size is missing: say how many tokens there are, or name a text (--input).");
    }
    // What is measured here stands for machines that do not share memory.
    if (System.getProperty(ClusterRounds.SHARED_MEMORY) == null) {
      SparkRuntime.set(Map.of(ClusterRounds.SHARED_MEMORY, "false"));
    }
    SparkRuntime.set(Map.of("spark.task.cpus", String.valueOf(threads)));
    int here = Math.max(2, Collections.max(check));
    try (SparkRuntime spark = startSpark("local-cluster[%s,%s,4096]".formatted(here, threads))) {
      PlanBench bench = bench(spark);
      Profile profile = bench.profile();
      Link measured = bench.link(profile, Math.min(here, MOST_MEASURED));
      Predictor predictor = new Predictor(profile, over(measured), scaling);
      PlanReport report = new PlanReport(predictor, spec(1, 0).round(), executors);
      show(report.text());
      Predictor ofCheck =
          new Predictor(profile, measured, Predictor.Scaling.STRONG, cores(spark) / threads);
      List<PlanBench.Trial> trials = bench.trials(ofCheck, check);
      Map<String, Object> conditions = report.costs();
      conditions.put("machine", Platform.machine());
      conditions.put("spark", spark.master());
      show("\n" + ResultTable.text(conditions));
      show("\n" + PlanReport.trials(trials));
      return report.figures(trials);
    }
  }

  private PlanBench bench(SparkRuntime spark) {
    TokenSource tokens;
    int vocabulary;
    if (data.input.isEmpty()) {
      vocabulary = data.vocabularySize;
      tokens = PlanBench.uniformTokens(vocabulary, spec(1, 0));
    } else {
      TextSplits text =
          TextSplits.open(spark.session(), data.text(new RowOptions()), training.window, null);
      vocabulary = text.vocabulary().size();
      tokens = text.sources().get(Split.TRAIN);
    }
    boolean learnedState = training.state == StateMode.LEARNED;
    NetworkChoice choice = network.choice(TaskName.LM, new TaskOptions());
    NetworkSpec language = choice.languageModel(vocabulary, learnedState, false);
    Demand.ofTraining(spark.session(), spec(1, 0), 1, true).require(NetworkSize.of(language), 0);
    Network model = new Network(language);
    return new PlanBench(
        spark.session(), model, this::spec, tokens, pace.pace(), threads, terminal()::status);
  }

  /** Returns the cores that the executors of the check have together. */
  private double cores(SparkRuntime spark) {
    if (sharedCores != null) {
      return sharedCores;
    }
    boolean together = spark.master().startsWith("local");
    return together ? Runtime.getRuntime().availableProcessors() : Double.POSITIVE_INFINITY;
  }

  private TrainSpec spec(int shards, long rounds) {
    training.epochs = 1; // a plan trains to measure, and a preset's epochs would only take longer
    training.maxSteps = rounds;
    return training.spec(shards, wire, seed);
  }

  /** Returns the network asked for, between machines like those measured. */
  private Link over(Link measured) {
    return measured.over(
        bandwidth == null ? Double.POSITIVE_INFINITY : bandwidth, latency == null ? 0 : latency);
  }

  /** Reads bits a second, as networks are sold, as bytes a second. */
  static final class Bandwidth implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return quantity(
          value,
          Map.of("kbit", 1e3 / 8, "mbit", 1e6 / 8, "gbit", 1e9 / 8),
          "a bandwidth such as 10Gbit, 1Gbit or 100Mbit (a second)");
    }
  }

  /** Reads a time in seconds. */
  static final class Latency implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return quantity(
          value, Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0), "a time such as 0.2ms, 50us or 1s");
    }
  }

  /** Reads a number with its unit, such as {@code 10Gbit}; units are in lower case. */
  private static double quantity(String value, Map<String, Double> units, String kind) {
    Matcher matcher = QUANTITY.matcher(value);
    Double factor = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (factor == null) {
      throw new TypeConversionException("'" + value + "' is not " + kind);
    }
    return Double.parseDouble(matcher.group(1)) * factor;
  }
}
