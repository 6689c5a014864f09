// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Kind;
import org.unroll.spark.lab.Walks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up {@link Walks}. */
@Command(
    name = "walks",
    description =
        "Walks through a grid with walls, of which the agent feels only whether the four cells"
            + " around it are blocked. Fields: observations, actions, and positions, which a model must"
            + " not see.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class GenerateWalksCommand extends GenerateKindCommand {
  @Option(
      names = "--width",
      defaultValue = "10",
      paramLabel = "CELLS",
      description = "Width of the grid (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1000)
  int width;

  @Option(
      names = "--height",
      defaultValue = "10",
      paramLabel = "CELLS",
      description = "Height of the grid (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1000)
  int height;

  @Option(
      names = "--walls",
      defaultValue = "0.25",
      paramLabel = "SHARE",
      description = "About this share of the cells are walls (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double walls;

  @Option(
      names = "--length",
      defaultValue = "50",
      paramLabel = "STEPS",
      description = "Steps of a walk (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1_000_000)
  int length;

  GenerateWalksCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Kind kind() {
    return new Walks(width, height, walls, length, common.seed);
  }
}
