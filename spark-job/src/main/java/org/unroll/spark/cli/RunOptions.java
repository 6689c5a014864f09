// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.ParamGrowth;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.SumKind;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.task.Growth;
import org.unroll.spark.task.ModelStart;
import org.unroll.spark.task.PartsStart;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Option;

/**
 * The options of how a training runs: where its model goes, how the work is spread, and how it
 * survives the end of its driver. Only the model it starts from, shards and wire have a part in the
 * result.
 */
@OptionRule.Group(value = "Run", settings = false)
final class RunOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the model, on any Hadoop file system.")
  String out;

  @Option(
      names = "--overwrite",
      description =
          "Replace the model that is in the folder, and checkpoints of another training (default:"
              + " refuse to).")
  boolean overwrite;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description =
          "Start from the parameters of this model (a folder, or registry:DIR/NAME@VERSION), of the"
              + " same task, tokens, labels and network, with an optimiser and a learning rate that"
              + " begin anew; what may be new is for --new-tokens (default: as --init).")
  @OptionRule(
      notWith = {"--embeddings", "--init", "--orthogonal", "--forget-bias"},
      why = "both say what parameters start from")
  String from;

  @Option(
      names = "--new-tokens",
      paramLabel = "MOST",
      description =
          "Of --from: learn so many new tokens of each vocabulary, the most frequent ones, behind"
              + " those of the model, whatever --vocab-size and --min-count say; and all new labels"
              + " (default: no new tokens and labels, or all with one of the next two options).")
  @Range
  @OptionRule(needs = "--from")
  Integer newTokens;

  @Option(
      names = "--new-min-count",
      paramLabel = "TIMES",
      description = "Of --from: leave out new tokens seen less often (default: 1).")
  @Range(min = 1)
  @OptionRule(needs = "--from")
  Long newMinCount;

  @Option(
      names = "--new-rows",
      paramLabel = "START",
      description =
          "Of --from: parameters of what is new are drawn, or averaged over what the model knows"
              + " (default: drawn).")
  @OptionRule(needs = "--from")
  ParamGrowth.NewRows newRows;

  @Option(
      names = "--shards",
      paramLabel = "SLICES",
      description = "Fixed slices of the data: the most workers that can share the work.")
  @Range(min = 1)
  @OptionRule(setting = true)
  int shards = 2;

  @Option(
      names = "--workers",
      paramLabel = "TASKS",
      description =
          "Spark tasks that hold the shards; the result does not depend on it (default: one for"
              + " each shard, as far as there are slots).")
  @Range(min = 1)
  Integer workers;

  @Option(
      names = "--threads",
      paramLabel = "CORES",
      description =
          "Threads that compute together in each worker, on as many cores; the result does not"
              + " depend on it (default: spark.task.cpus, which is 1 unless set).")
  @Range(min = 1)
  Integer threads;

  @Option(
      names = "--rounds",
      paramLabel = "KIND",
      description = "resident (workers stay for the whole run) or job (a Spark job a round).")
  RoundsKind rounds = RoundsKind.RESIDENT;

  @Option(
      names = "--sum",
      paramLabel = "PLACE",
      description =
          "Where sums of resident rounds are added: driver, shared (each executor adds a part of the"
              + " parameters and passes it on; the driver's traffic does not grow with them) or auto"
              + " (shared by 3 executors or more on other machines, from 4 MB a gradient on); the"
              + " result does not depend on it.")
  @OptionRule(needs = "--rounds=resident")
  SumKind sum = SumKind.AUTO;

  @Option(
      names = "--wire",
      paramLabel = "FORMAT",
      description =
          "Gradients and parameters between shards and driver: fp32, or bf16 (rounded to 16 bits,"
              + " half the traffic; the update itself stays in 32).")
  @OptionRule(setting = true)
  Wire wire = Wire.FP32;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "10m",
      paramLabel = "INTERVAL",
      description =
          "From one checkpoint to the next: rounds (500) or time (30s, 10m, 2h); 0 for none. The"
              + " same command run again goes on from the newest.")
  TrainRequest.CheckpointInterval checkpointEvery;

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "FILES",
      description = "How many of the newest stay.")
  @Range(min = 1)
  int keepCheckpoints = 2;

  @Option(
      names = "--checkpoint-dir",
      description =
          "Folder of the checkpoints, removed at the end, on any Hadoop file system (default: that"
              + " of --out with .checkpoints behind its name).")
  String checkpointDir;

  @Option(
      names = "--shards-dir",
      description =
          "Folder that all machines share for the encoded rows, removed at the end (default: that"
              + " of --out with .shards behind its name).")
  @OptionRule(notTasks = TaskName.LM)
  String shardsDir;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description =
          "Write the course of the training for TensorBoard to a new file in this folder, on any Hadoop"
              + " file system (default: none).")
  String tensorBoard;

  @Option(
      names = "--ui",
      paramLabel = "PORT",
      description =
          "Show the training's page, as it stands, at this port of this machine while it runs; 0 for any"
              + " that is free (default: none).")
  @Range(max = 65_535)
  Integer ui;

  /** Has Spark reserve the cores of the threads; to be called before Spark starts. */
  void reserveCores() {
    if (threads != null) {
      SparkRuntime.set(Map.of("spark.task.cpus", threads.toString()));
    }
  }

  /** Returns the folder of the model. */
  String requireOut() {
    OptionRules.require(
        out, "--out is missing: name the folder for the model, as in --out work/model.");
    return out;
  }

  /**
   * Returns the model that parameters start from, or null for none.
   *
   * @throws InputException if it cannot be read, or would be replaced
   */
  ModelStart start() {
    if (from == null) {
      return null;
    }
    String model = RegistryFolder.resolve(from);
    requireOther("--from", model);
    return new ModelStart(model, ModelStore.read(model), growth());
  }

  /**
   * Returns a model of which the parts are taken that fit.
   *
   * @throws InputException if it cannot be read, or would be replaced
   */
  PartsStart parts(String start) {
    String model = RegistryFolder.resolve(start);
    requireOther("--start", model);
    return new PartsStart(model, ModelStore.read(model));
  }

  private Growth growth() {
    if (newTokens == null && newMinCount == null && newRows == null) {
      return null;
    }
    return new Growth(
        newTokens == null ? Growth.ALL : newTokens,
        newMinCount == null ? 1 : newMinCount,
        newRows == null ? ParamGrowth.NewRows.DRAWN : newRows);
  }

  /**
   * Returns what is asked for.
   *
   * @param command as a person would type it again
   */
  TrainRequest.Run request(String command) {
    if (tensorBoard != null) {
      HadoopFiles.requireWritable(tensorBoard + "/events");
    }
    return new TrainRequest.Run(
        rounds,
        sum,
        workers == null ? 0 : workers,
        requireOut(),
        overwrite,
        new TrainRequest.CheckpointSettings(checkpointEvery, keepCheckpoints, checkpointDir),
        tensorBoard,
        command);
  }

  /**
   * Returns the folder of encoded rows.
   *
   * @throws org.unroll.rnn.io.InputException if nothing can be written there
   */
  String shardsDir() {
    String folder = shardsDir == null ? HadoopFiles.beside(requireOut(), ".shards") : shardsDir;
    requireOther("--shards-dir", folder);
    HadoopFiles.requireWritable(folder);
    return folder;
  }

  /** Refuses a folder that is the model's, which holds a model and nothing else. */
  private void requireOther(String option, String folder) {
    Configuration conf = HadoopFiles.configuration();
    if (HadoopFiles.resolve(folder, conf).equals(HadoopFiles.resolve(requireOut(), conf))) {
      throw new InputException(
          "%s and --out are the same folder %s: name another one.".formatted(option, folder));
    }
  }
}
