// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine.Command;

/** The group of made-up data. */
@Command(
    name = "generate-data",
    description = {
      "Makes up data to learn from: train.jsonl, valid.jsonl and test.jsonl, which have no sequence"
          + " in common, the same for the same seed and options.",
    },
    synopsisSubcommandLabel = "KIND",
    footer = {"", "unroll generate-data KIND --help lists the options of a kind."})
final class GenerateDataCommand extends CommandGroup {}
