// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Race;
import picocli.CommandLine.Option;

/** The options that say how long to measure. */
@OptionRule.Group("Measuring")
final class PaceOptions {
  @Option(
      names = "--rounds",
      defaultValue = "7",
      paramLabel = "COUNT",
      description = "Turns that each contender has; medians count.")
  @Range(min = 1)
  int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "0.4",
      paramLabel = "SECONDS",
      description = "Length of a turn, at least one step.")
  @Range(above = true)
  double seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "4",
      paramLabel = "SECONDS",
      description =
          "What each contender runs beforehand, and longer until it is not becoming faster.")
  @Range
  double warmUp;

  Race.Pace pace() {
    return new Race.Pace(rounds, seconds, warmUp);
  }
}
