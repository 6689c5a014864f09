// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Kind;
import org.unroll.spark.lab.Strokes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up {@link Strokes}. */
@Command(
    name = "strokes",
    description =
        "Words written by a pen. Fields: features (steps to the right and upwards in heights of a"
            + " small letter, and 1 where the pen is lifted) and label (the word).",
    sortOptions = false,
    abbreviateSynopsis = true)
final class GenerateStrokesCommand extends GenerateKindCommand {
  @Option(
      names = "--min-letters",
      defaultValue = "2",
      paramLabel = "LETTERS",
      description = "The fewest letters of a word (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1000)
  int minLetters;

  @Option(
      names = "--max-letters",
      defaultValue = "6",
      paramLabel = "LETTERS",
      description = "The most letters of a word (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 1000)
  int maxLetters;

  @Option(
      names = "--letters",
      defaultValue = "26",
      paramLabel = "LETTERS",
      description = "Letters of the alphabet that occur (default: ${DEFAULT-VALUE}).")
  @Range(min = 1, max = Strokes.ALPHABET)
  int letters;

  @Option(
      names = "--jitter",
      defaultValue = "0.03",
      paramLabel = "DEVIATION",
      description =
          "How far points are off, in heights of a small letter (default: ${DEFAULT-VALUE}).")
  @Range(max = 1)
  double jitter;

  GenerateStrokesCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Kind kind() {
    return new Strokes(minLetters, maxLetters, letters, jitter);
  }
}
