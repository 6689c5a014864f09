// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.Adding;
import org.unroll.spark.lab.Brackets;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.lab.SequenceKind;
import org.unroll.spark.lab.Series;
import org.unroll.spark.lab.Strokes;
import org.unroll.spark.lab.Walks;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.NewFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  /** Makes up data of one kind; needs no Spark, only the file system it writes to. */
  abstract static class OfKind extends BaseCommand {
    /** The options that say how much is made up, and where it goes. */
    @OptionRule.Group("Output")
    static final class AmountOptions {
      @Option(
          names = "--out",
          paramLabel = "DIR",
          description = "New folder for the data, on any Hadoop file system.")
      String out;

      @Option(
          names = "--count",
          defaultValue = "1000",
          paramLabel = "SEQUENCES",
          description = "Sequences to learn from.")
      @Range(min = 1)
      long count;

      @Option(
          names = "--valid-count",
          paramLabel = "SEQUENCES",
          description = "Sequences for validation (default: a tenth of --count).")
      @Range
      Long validCount;

      @Option(
          names = "--test-count",
          paramLabel = "SEQUENCES",
          description = "Sequences for the test (default: a tenth of --count).")
      @Range
      Long testCount;

      @Option(
          names = "--picture",
          description = "Draw some sequences too, as samples.png (default: no picture).")
      boolean picture;

      private long orTenth(Long asked) {
        return asked != null ? asked : (count + 9) / 10;
      }
    }

    @Mixin AmountOptions output;

    /**
     * Returns the kind with its settings.
     *
     * @throws IllegalArgumentException if they do not go together
     */
    abstract SequenceKind kind();

    @Override
    final Map<String, Object> run() {
      OptionRules.require(output.out, "--out is missing: name a new folder for the data.");
      NewFolder folder = NewFolder.at(output.out);
      SequenceKind kind = checkedKind();
      long valid = output.orTenth(output.validCount);
      long test = output.orTenth(output.testCount);
      GeneratedData data =
          new GeneratedData(kind, spec.name(), common.seed, output.count, valid, test);
      data.write(folder, output.picture);
      result(
          "Wrote %s sequences to learn from, %s to choose by and %s to test with to %s."
              .formatted(
                  Figures.count(output.count),
                  Figures.count(valid),
                  Figures.count(test),
                  folder.show()));
      Map<String, Object> figures = Json.fields("kind", spec.name(), "out", folder.show());
      figures.putAll(data.description());
      return figures;
    }

    private SequenceKind checkedKind() {
      try {
        return kind();
      } catch (IllegalArgumentException e) {
        String message = e.getMessage();
        throw new InputException(
            Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".", e);
      }
    }
  }

  /** Makes up {@link Adding}. */
  @Command(
      name = "adding",
      description =
          "The adding problem: of many numbers, the sum of the two that are marked. Fields: features"
              + " (number, mark) and label.")
  static final class OfAdding extends OfKind {
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
  static final class OfBrackets extends OfKind {
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
  static final class OfSeries extends OfKind {
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
  static final class OfStrokes extends OfKind {
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
  static final class OfWalks extends OfKind {
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
