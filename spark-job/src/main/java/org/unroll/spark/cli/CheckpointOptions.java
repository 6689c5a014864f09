// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.task.CheckpointInterval;
import org.unroll.spark.task.CheckpointSettings;
import picocli.CommandLine.Option;

/** How a training survives the end of its driver; without a part in the result. */
@Heading("Checkpoints")
final class CheckpointOptions {
  @Option(
      names = "--checkpoint-every",
      defaultValue = "10m",
      paramLabel = "INTERVAL",
      description =
          "From one checkpoint to the next: rounds (500) or time (30s, 10m, 2h); 0 for none. The"
              + " same command run again goes on from the newest (default: ${DEFAULT-VALUE}).")
  CheckpointInterval every;

  @Option(
      names = "--keep-checkpoints",
      defaultValue = "2",
      paramLabel = "FILES",
      description = "How many of the newest stay (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int keep;

  @Option(
      names = "--checkpoint-dir",
      paramLabel = "DIR",
      description =
          "Folder of the checkpoints, removed at the end, on any Hadoop file system (default: that"
              + " of --out with .checkpoints behind its name).")
  String dir;

  CheckpointSettings settings() {
    return new CheckpointSettings(every, keep, dir);
  }
}
