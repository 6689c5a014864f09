// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine.Command;

/** The group of measurements. */
@Command(
    name = "bench",
    description =
        "Measures the speed of this machine's training and preparing of text, beside its limit and"
            + " others.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "unroll bench COMMAND --help lists the options of a command."})
final class BenchCommand extends CommandGroup {}
