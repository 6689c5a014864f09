// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.train.RoundsKind;
import picocli.CommandLine.Option;

/** How the work is spread; only the shards have a part in the result. */
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
      names = "--rounds",
      defaultValue = "resident",
      paramLabel = "KIND",
      description =
          "resident (workers stay for the whole run) or job (a Spark job a round)"
              + " (default: ${DEFAULT-VALUE}).")
  RoundsKind rounds;
}
