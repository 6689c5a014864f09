// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.registry.DataWindow;
import org.unroll.spark.registry.Judge;
import org.unroll.spark.registry.RetrainJob;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The command that a scheduler runs to keep a model good. */
@Command(
    name = "retrain",
    description =
        "Trains on new data, judges the model against the one before, and promotes it in a registry"
            + " if it is better.",
    footer = {
      "",
      "Exit codes: 0 promoted, kept, nothing new or locked, 1 failed, 2 wrong usage or data. The file"
          + " outcome.json in the registry says the same as --json."
    })
final class RetrainCommand extends BaseCommand {
  /** Options of train that a registry answers. */
  private static final Set<String> ANSWERED =
      Set.of(
          "--out",
          "--overwrite",
          "--from",
          "--valid",
          "--valid-target",
          "--test",
          "--test-target",
          "--target",
          "--checkpoint-dir",
          "--max-steps");

  private static final double USUAL_SHARE = 0.1;

  @Option(names = "--task", description = "What to learn, as train --task.")
  TaskName task = TaskName.LM;

  @Mixin RegistryOptions place;

  @Mixin RetrainOptions retrain;

  @Mixin TrainOptions options;

  @Mixin RowOptions rowOptions;

  @Mixin TaskOptions own;

  private int exitCode;

  @Override
  boolean takes(OptionSpec option) {
    return !ANSWERED.contains(option.longestName());
  }

  /** Reads {@code --window 30d} as a length of days; a number alone is train's. */
  @Override
  List<String> read(List<String> words) {
    List<String> read = new ArrayList<>(words);
    for (int i = 0; i < read.size(); i++) {
      String word = read.get(i);
      if (word.equals("--window") && i + 1 < read.size() && DataWindow.isLength(read.get(i + 1))) {
        read.set(i, RetrainOptions.LENGTH);
      } else if (word.startsWith("--window=") && DataWindow.isLength(word.substring(9))) {
        read.set(i, word.replaceFirst("--window", RetrainOptions.LENGTH));
      }
    }
    return read;
  }

  @Override
  Map<String, Object> run() {
    new OptionRules(spec).checkTask(task);
    RegistryFolder registry = place.folder();
    options.data.check();
    List<String> inputs = List.copyOf(options.data.input);
    holdOut();
    options.run.reserveCores();
    try (Starting spark = new Starting(this)) {
      RetrainJob.Request request =
          new RetrainJob.Request(
              inputs,
              retrain.dataWindow(),
              retrain.start == RetrainOptions.Start.ANEW,
              this::training,
              identity(),
              new Judge(
                  rowOptions.input(inputs),
                  options.data.holdOut,
                  retrain.slices,
                  retrain.confidence,
                  seed),
              retrain.guards(),
              retrain.expiry(),
              retrain.server());
      RetrainJob.Outcome outcome =
          new RetrainJob(registry, request, spark::session, terminal(), retrain.clock()).run();
      result(ResultTable.text(outcome.lines()));
      exitCode = exitCode(outcome.end());
      return outcome.figures();
    }
  }

  @Override
  int exitCode(Map<String, Object> figures) {
    return exitCode;
  }

  private int exitCode(RetrainJob.End end) {
    return switch (end) {
      case PROMOTED, KEPT -> 0;
      case NOTHING_NEW -> retrain.exitOnNothing;
      case LOCKED -> retrain.failIfLocked ? Failures.FAILED : 0;
    };
  }

  /** A fraction to validate with is held out for ever here, and as much again to judge by. */
  private void holdOut() {
    double fraction = options.data.validFraction;
    if (options.data.holdOut == null) {
      double share = fraction > 0 ? fraction : USUAL_SHARE;
      options.data.holdOut = new HoldOut(share, share);
    }
    if (options.data.holdOut.test() == 0) {
      throw new InputException(
          ("--hold-out %s leaves nothing to judge a model by: give a second share, as in 0.1,0.1.")
              .formatted(options.data.holdOut));
    }
    options.data.validFraction = 0;
  }

  private Map<String, String> identity() {
    Map<String, String> identity = new TreeMap<>();
    new OptionRules(spec)
        .settings(task)
        .forEach((name, value) -> identity.put(name, value.toString()));
    identity.put("start", Converters.name(retrain.start));
    identity.put("warm_lr", Converters.text(retrain.warmRate));
    identity.put("data_window", retrain.dataWindow().toString());
    identity.put("guards", retrain.guards().toString());
    identity.put("slices", String.join(",", retrain.slices));
    identity.put("confidence", Converters.text(retrain.confidence));
    return identity;
  }

  private TrainRequest training(List<String> files, String champion, String out) {
    options.data.input = files;
    options.run.out = out;
    options.run.from = champion;
    // Labels may always be new; words are what somebody has said.
    options.run.newTokens =
        options.run.newTokens == null ? Integer.valueOf(0) : options.run.newTokens;
    if (champion != null && retrain.warmRate != null) {
      options.training.rule.lr = retrain.warmRate;
    }
    return options.request(task, own, rowOptions, seed, invocation.command());
  }

  /** Spark, from when on it is needed. */
  private static final class Starting implements AutoCloseable {
    private final BaseCommand command;
    private SparkRuntime runtime;

    Starting(BaseCommand command) {
      this.command = command;
    }

    SparkSession session() {
      if (runtime == null) {
        runtime = command.startSpark();
      }
      return runtime.session();
    }

    @Override
    public void close() {
      if (runtime != null) {
        runtime.close();
      }
    }
  }
}
