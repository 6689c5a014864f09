// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.rounds.RoundsKind;
import picocli.CommandLine.Option;

/** How the work is spread; only shards and wire have a part in the result. */
@Heading("Spark")
final class ClusterOptions {
  @Option(
      names = "--shards",
      defaultValue = "2",
      paramLabel = "SLICES",
      description =
          "Fixed slices of the data: the most workers that can share the work"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int shards;

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
      defaultValue = "resident",
      paramLabel = "KIND",
      description =
          "resident (workers stay for the whole run) or job (a Spark job a round)"
              + " (default: ${DEFAULT-VALUE}).")
  RoundsKind rounds;

  @Option(
      names = "--wire",
      defaultValue = "fp32",
      paramLabel = "FORMAT",
      description =
          "Gradients and parameters between shards and driver: fp32, or bf16 (rounded to 16 bits,"
              + " half the traffic; the update itself stays in 32) (default: ${DEFAULT-VALUE}).")
  Wire wire;

  /** Has Spark reserve the cores of the threads. To be called before Spark starts. */
  void reserveCores() {
    if (threads != null) {
      SparkRuntime.set(Map.of("spark.task.cpus", threads.toString()));
    }
  }
}
