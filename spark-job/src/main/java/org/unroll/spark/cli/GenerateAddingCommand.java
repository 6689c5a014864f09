// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Adding;
import org.unroll.spark.lab.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up {@link Adding}. */
@Command(
    name = "adding",
    description =
        "The adding problem: of many numbers, the sum of the two that are marked. Fields: features"
            + " (number, mark) and label.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class GenerateAddingCommand extends GenerateKindCommand {
  @Option(
      names = "--length",
      defaultValue = "200",
      paramLabel = "STEPS",
      description = "Numbers in each sequence (default: ${DEFAULT-VALUE}).")
  @Range(min = 2, max = 1_000_000)
  int length;

  GenerateAddingCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Kind kind() {
    return new Adding(length);
  }
}
