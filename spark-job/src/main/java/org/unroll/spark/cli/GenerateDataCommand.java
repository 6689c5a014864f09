// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import org.unroll.spark.lab.Adding;
import org.unroll.spark.lab.Brackets;
import org.unroll.spark.lab.Drawings;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.lab.Programs;
import org.unroll.spark.lab.SequenceKind;
import org.unroll.spark.lab.Series;
import org.unroll.spark.lab.Strokes;
import org.unroll.spark.lab.Walks;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.OutputFolder;
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
      GenerateDataCommand.OfDrawings.class,
      GenerateDataCommand.OfPrograms.class,
      GenerateDataCommand.OfSeries.class,
      GenerateDataCommand.OfStrokes.class,
      GenerateDataCommand.OfWalks.class
    })
final class GenerateDataCommand extends CommandGroup {
  /**
   * Makes up data of one kind; needs no Spark, only the file system it writes to. Its own options
   * say how much is made up, and where it goes.
   */
  @OptionRule.Group(value = "Output", settings = false)
  abstract static class OfKind extends BaseCommand {
    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "New folder for the data, on any Hadoop file system.")
    String out;

    @Option(
        names = "--overwrite",
        description = "Replace the data that is in the folder (default: refuse to).")
    boolean overwrite;

    @Option(names = "--count", paramLabel = "SEQUENCES", description = "Sequences to learn from.")
    @Range(min = 1)
    long count = 1000;

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

    /**
     * Returns the kind with its settings.
     *
     * @throws org.unroll.rnn.io.InputException if they do not go together
     */
    abstract SequenceKind kind();

    @Override
    final Map<String, Object> run() {
      OptionRules.require(out, "--out is missing: name a new folder for the data.");
      OutputFolder folder = OutputFolder.free(out, overwrite, GeneratedData.FOLDER);
      long valid = orTenth(validCount);
      long test = orTenth(testCount);
      Map<String, Object> settings = new OptionRules(spec).settings(null);
      GeneratedData data =
          new GeneratedData(kind(), spec.name(), settings, seed, count, valid, test);
      data.write(folder, picture);
      result(
          "Wrote %s sequences to learn from, %s to choose by and %s to test with to %s."
              .formatted(
                  Figures.count(count), Figures.count(valid), Figures.count(test), folder.show()));
      Map<String, Object> figures = Json.fields("kind", spec.name(), "out", folder.show());
      figures.putAll(data.description());
      return figures;
    }

    private long orTenth(Long asked) {
      return asked != null ? asked : (count + 9) / 10;
    }
  }

  /** Makes up {@link Adding}. */
  @Command(
      name = "adding",
      description =
          "The adding problem: of many numbers, the sum of the two that are marked. Fields: features"
              + " (number, mark) and label.")
  static final class OfAdding extends OfKind {
    @Option(names = "--length", paramLabel = "STEPS", description = "Numbers in each sequence.")
    @Range(min = 2, max = 1_000_000)
    int length = 200;

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
        paramLabel = "STEPS",
        description = "The most steps; a sequence has at least half as many.")
    @Range(min = 4, max = 1_000_000)
    int length = 100;

    @Option(
        names = "--types",
        description = "Types of brackets, at most " + Brackets.MOST_TYPES + ".")
    @Range(min = 2, max = Brackets.MOST_TYPES)
    int types = 3;

    @Override
    SequenceKind kind() {
      return new Brackets(length, types);
    }
  }

  /** Makes up {@link Drawings}. */
  @Command(
      name = "drawings",
      description =
          "Pictures of two coloured shapes, which stand beside or above each other, and what can be"
              + " said of them. Fields: features (the regions of a grid, row by row, each with red,"
              + " green and blue of its four quarters) and captions (several, all of them true). No two"
              + " files have pictures of the same shapes in the same order.")
  static final class OfDrawings extends OfKind {
    @Option(
        names = "--regions",
        paramLabel = "COUNT",
        description = "Regions in a row of the grid, and rows.")
    @Range(min = 2, max = 100)
    int regions = 8;

    @Option(
        names = "--noise",
        paramLabel = "DEVIATION",
        description = "Standard deviation of what is added to every colour.")
    @Range(max = 1)
    double noise = 0.02;

    @Override
    SequenceKind kind() {
      return new Drawings(regions, noise);
    }
  }

  /** Makes up {@link Programs}. */
  @Command(
      name = "programs",
      description =
          "Short programs in Python, of which each prints a whole number, after Zaremba and Sutskever"
              + " (2014). Fields: program (lines), answer (what it prints), length and nesting.")
  static final class OfPrograms extends OfKind {
    @Option(names = "--length", paramLabel = "DIGITS", description = "Digits of a number at most.")
    @Range(min = 1, max = 1000)
    int length = 4;

    @Option(
        names = "--nesting",
        paramLabel = "OPERATIONS",
        description = "Operations that are combined, at most " + Programs.MOST_NESTED + ".")
    @Range(min = 1, max = Programs.MOST_NESTED)
    int nesting = 2;

    @Option(
        names = "--additions",
        description = "Sums of two numbers and nothing else, as in print(398345+425098).")
    @OptionRule(notWith = "--nesting", why = "sums are not nested")
    boolean additions;

    @Option(
        names = "--mix",
        description =
            "Draw a length and a nesting for each program, up to those given (default: all programs"
                + " are as long and as nested as is given).")
    boolean mix;

    @Override
    SequenceKind kind() {
      return new Programs(length, additions ? 0 : nesting, mix);
    }
  }

  /** Makes up {@link Series}. */
  @Command(
      name = "series",
      description =
          "Series with a season, a slope, noise and gaps. Field: features, null where a value is"
              + " missing.")
  static final class OfSeries extends OfKind {
    @Option(names = "--length", paramLabel = "STEPS", description = "Steps of a series.")
    @Range(min = 4, max = 1_000_000)
    int length = 120;

    @Option(
        names = "--season",
        paramLabel = "STEPS",
        description = "Steps after which a series repeats.")
    @Range(min = 2, max = 1_000_000)
    int season = 12;

    @Option(
        names = "--noise",
        paramLabel = "DEVIATION",
        description = "Standard deviation of the noise; the season itself has about 1.")
    @Range
    double noise = 0.3;

    @Option(
        names = "--gaps",
        paramLabel = "SHARE",
        description = "About this share of the values is missing.")
    @Range(max = 0.5)
    double gaps = 0.05;

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
    @Option(names = "--min-letters", description = "The fewest letters of a word.")
    @Range(min = 1, max = 1000)
    int minLetters = 2;

    @Option(names = "--max-letters", description = "The most letters of a word.")
    @Range(min = 1, max = 1000)
    int maxLetters = 6;

    @Option(names = "--letters", description = "Letters of the alphabet that occur.")
    @Range(min = 1, max = Strokes.ALPHABET)
    int letters = 26;

    @Option(
        names = "--jitter",
        paramLabel = "DEVIATION",
        description = "How far points are off, in heights of a small letter.")
    @Range(max = 1)
    double jitter = 0.03;

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
    @Option(names = "--width", paramLabel = "CELLS", description = "Width of the grid.")
    @Range(min = 1, max = 1000)
    int width = 10;

    @Option(names = "--height", paramLabel = "CELLS", description = "Height of the grid.")
    @Range(min = 1, max = 1000)
    int height = 10;

    @Option(
        names = "--walls",
        paramLabel = "SHARE",
        description = "About this share of the cells are walls.")
    @Range(max = 1, below = true)
    double walls = 0.25;

    @Option(names = "--length", paramLabel = "STEPS", description = "Steps of a walk.")
    @Range(min = 1, max = 1_000_000)
    int length = 50;

    @Override
    SequenceKind kind() {
      return new Walks(width, height, walls, length, seed);
    }
  }
}
