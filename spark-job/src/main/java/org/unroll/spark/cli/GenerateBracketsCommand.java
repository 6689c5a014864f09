// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Brackets;
import org.unroll.spark.lab.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up {@link Brackets}. */
@Command(
    name = "brackets",
    description =
        "Brackets around letters that mean nothing, in half of the sequences with one of a wrong"
            + " type far from its partner. Fields: text, label (balanced or broken) and depths (open"
            + " brackets at each step).",
    sortOptions = false,
    abbreviateSynopsis = true)
final class GenerateBracketsCommand extends GenerateKindCommand {
  @Option(
      names = "--length",
      defaultValue = "100",
      paramLabel = "STEPS",
      description =
          "The most steps; a sequence has at least half as many (default: ${DEFAULT-VALUE}).")
  @Range(min = 4, max = 1_000_000)
  int length;

  @Option(
      names = "--types",
      defaultValue = "3",
      paramLabel = "TYPES",
      description =
          "Types of brackets, at most " + Brackets.MOST_TYPES + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 2, max = Brackets.MOST_TYPES)
  int types;

  GenerateBracketsCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Kind kind() {
    return new Brackets(length, types);
  }
}
