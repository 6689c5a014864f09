// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Adding;
import org.unroll.spark.lab.Brackets;
import org.unroll.spark.lab.SequenceKind;
import org.unroll.spark.lab.Series;
import org.unroll.spark.lab.Strokes;
import org.unroll.spark.lab.Walks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The group of made-up data, with a command for each kind of it. */
@Command(
    name = "generate-data",
    description = {
      "Makes up data to learn from: train.jsonl, valid.jsonl and test.jsonl, which have no sequence"
          + " in common, the same for the same seed and options.",
    },
    synopsisSubcommandLabel = "KIND",
    footer = {"", "unroll generate-data KIND --help lists the options of a kind."},
    subcommands = {
      GenerateDataCommand.OfAdding.class,
      GenerateDataCommand.OfBrackets.class,
      GenerateDataCommand.OfSeries.class,
      GenerateDataCommand.OfStrokes.class,
      GenerateDataCommand.OfWalks.class
    })
final class GenerateDataCommand extends CommandGroup {
  /** Makes up {@link Adding}. */
  @Command(
      name = "adding",
      description =
          "The adding problem: of many numbers, the sum of the two that are marked. Fields: features"
              + " (number, mark) and label.")
  static final class OfAdding extends GenerateKindCommand {
    @Option(
        names = "--length",
        defaultValue = "200",
        paramLabel = "STEPS",
        description = "Numbers in each sequence.")
    @Range(min = 2, max = 1_000_000)
    int length;

    @Override
    SequenceKind kind() {
      return new Adding(length);
    }
  }

  /** Makes up {@link Brackets}. */
  @Command(
      name = "brackets",
      description =
          "Brackets around letters that mean nothing, in half of the sequences with one of a wrong"
              + " type far from its partner. Fields: text, label (balanced or broken) and depths (open"
              + " brackets at each step).")
  static final class OfBrackets extends GenerateKindCommand {
    @Option(
        names = "--length",
        defaultValue = "100",
        paramLabel = "STEPS",
        description = "The most steps; a sequence has at least half as many.")
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

    @Override
    SequenceKind kind() {
      return new Brackets(length, types);
    }
  }

  /** Makes up {@link Series}. */
  @Command(
      name = "series",
      description =
          "Series with a season, a slope, noise and gaps. Field: features, null where a value is"
              + " missing.")
  static final class OfSeries extends GenerateKindCommand {
    @Option(
        names = "--length",
        defaultValue = "120",
        paramLabel = "STEPS",
        description = "Steps of a series.")
    @Range(min = 4, max = 1_000_000)
    int length;

    @Option(
        names = "--season",
        defaultValue = "12",
        paramLabel = "STEPS",
        description = "Steps after which a series repeats.")
    @Range(min = 2, max = 1_000_000)
    int season;

    @Option(
        names = "--noise",
        defaultValue = "0.3",
        paramLabel = "DEVIATION",
        description = "Standard deviation of the noise; the season itself has about 1.")
    @Range
    double noise;

    @Option(
        names = "--gaps",
        defaultValue = "0.05",
        paramLabel = "SHARE",
        description = "About this share of the values is missing.")
    @Range(max = 0.5)
    double gaps;

    @Override
    SequenceKind kind() {
      return new Series(length, season, noise, gaps);
    }
  }

  /** Makes up {@link Strokes}. */
  @Command(
      name = "strokes",
      description =
          "Words written by a pen. Fields: features (steps to the right and upwards in heights of a"
              + " small letter, and 1 where the pen is lifted) and label (the word).")
  static final class OfStrokes extends GenerateKindCommand {
    @Option(
        names = "--min-letters",
        defaultValue = "2",
        paramLabel = "LETTERS",
        description = "The fewest letters of a word.")
    @Range(min = 1, max = 1000)
    int minLetters;

    @Option(
        names = "--max-letters",
        defaultValue = "6",
        paramLabel = "LETTERS",
        description = "The most letters of a word.")
    @Range(min = 1, max = 1000)
    int maxLetters;

    @Option(
        names = "--letters",
        defaultValue = "26",
        paramLabel = "LETTERS",
        description = "Letters of the alphabet that occur.")
    @Range(min = 1, max = Strokes.ALPHABET)
    int letters;

    @Option(
        names = "--jitter",
        defaultValue = "0.03",
        paramLabel = "DEVIATION",
        description = "How far points are off, in heights of a small letter.")
    @Range(max = 1)
    double jitter;

    @Override
    SequenceKind kind() {
      return new Strokes(minLetters, maxLetters, letters, jitter);
    }
  }

  /** Makes up {@link Walks}. */
  @Command(
      name = "walks",
      description =
          "Walks through a grid with walls, of which the agent feels only whether the four cells"
              + " around it are blocked. Fields: observations, actions, and positions, which a model must"
              + " not see.")
  static final class OfWalks extends GenerateKindCommand {
    @Option(
        names = "--width",
        defaultValue = "10",
        paramLabel = "CELLS",
        description = "Width of the grid.")
    @Range(min = 1, max = 1000)
    int width;

    @Option(
        names = "--height",
        defaultValue = "10",
        paramLabel = "CELLS",
        description = "Height of the grid.")
    @Range(min = 1, max = 1000)
    int height;

    @Option(
        names = "--walls",
        defaultValue = "0.25",
        paramLabel = "SHARE",
        description = "About this share of the cells are walls.")
    @Range(max = 1, below = true)
    double walls;

    @Option(
        names = "--length",
        defaultValue = "50",
        paramLabel = "STEPS",
        description = "Steps of a walk.")
    @Range(min = 1, max = 1_000_000)
    int length;

    @Override
    SequenceKind kind() {
      return new Walks(width, height, walls, length, common.seed);
    }
  }
}
