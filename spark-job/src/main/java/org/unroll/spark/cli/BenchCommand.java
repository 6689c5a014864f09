// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The group of measurements. */
@Command(
    name = "bench",
    description =
        "Measures the speed of this machine's training and preparing of text, beside its limit and"
            + " others.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "unroll bench COMMAND --help lists the options of a command."})
final class BenchCommand extends CommandGroup {
  /** Returns the group with all its commands. */
  static CommandLine with(Invocation invocation) {
    return new CommandLine(new BenchCommand())
        .addSubcommand(new TrainingRaceCommand.Cells(invocation))
        .addSubcommand(new TrainingRaceCommand.Readers(invocation))
        .addSubcommand(new BenchEmbedCommand(invocation))
        .addSubcommand(new BenchKernelsCommand(invocation))
        .addSubcommand(new BenchRoundsCommand(invocation))
        .addSubcommand(new BenchCorpusCommand(invocation));
  }
}
