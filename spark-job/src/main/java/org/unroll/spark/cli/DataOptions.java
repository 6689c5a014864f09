// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.BytePairs;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of what is learnt, and how it is cut into tokens. */
@OptionRule.Group("Data")
final class DataOptions {
  /** The option that names what is to be written line by line. */
  @OptionRule.Group("Data")
  static final class Targets {
    @Option(
        names = "--target",
        paramLabel = "PATH",
        description =
            "Of translate and execute, or rows to be prepared for them: files of lines that go with"
                + " those of --input, line by line; repeatable (default: the rows have what is to be"
                + " written in a column, --label).")
    @OptionRule(
        tasks = {TaskName.TRANSLATE, TaskName.EXECUTE},
        notWith = "--label",
        why = "both say what is to be written",
        needs = "--kind=documents",
        setting = false)
    List<String> files = new ArrayList<>();
  }

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Text or rows to learn"
              + RowOptions.FILES
              + ", in this order. Or a folder that prepare wrote.")
  @OptionRule(setting = false)
  List<String> input = new ArrayList<>();

  @Mixin Targets targets = new Targets();

  @Mixin UnitOptions units;

  @Option(
      names = "--valid",
      paramLabel = "PATH",
      description =
          "Held-out text or rows, or a prepared corpus like the input's, that decides which epoch's"
              + " parameters are kept; behind a preset with --valid-fraction, instead of that"
              + " (default: none).")
  @OptionRule(notWith = "--valid-fraction", why = "both name the validation data", setting = false)
  String valid;

  @Option(
      names = "--valid-fraction",
      description =
          "Without --valid: this fraction of the input's tokens, its end, is held out, or of its"
              + " rows, of every class its share; behind a preset with --valid, instead of that.")
  @Range(max = 1, below = true)
  double validFraction = 0;

  @Option(
      names = "--hold-out",
      paramLabel = "VALID,TEST",
      description =
          "Without --valid and --test: these shares of the input's rows, or of the lines of its"
              + " text, are for validation and for the test, as in 0.1,0.1. Which ones is fixed for"
              + " ever by what each says, so that no later training on grown data learns from"
              + " them (default: none).")
  @OptionRule(
      notWith = {"--valid", "--valid-fraction", "--test"},
      why = "both say what is held out")
  HoldOut holdOut;

  @Option(
      names = "--test",
      paramLabel = "PATH",
      description =
          "Text or rows, or a prepared corpus like the input's, to score the kept parameters on,"
              + " once, at the end (default: none).")
  @OptionRule(setting = false)
  String test;

  @Option(
      names = "--valid-target",
      paramLabel = "PATH",
      description = "Of --target: the lines that go with those of --valid (default: none).")
  @OptionRule(
      tasks = {TaskName.TRANSLATE, TaskName.EXECUTE},
      needs = "--target",
      setting = false)
  String validTarget;

  @Option(
      names = "--test-target",
      paramLabel = "PATH",
      description = "Of --target: the lines that go with those of --test (default: none).")
  @OptionRule(
      tasks = {TaskName.TRANSLATE, TaskName.EXECUTE},
      needs = "--target",
      setting = false)
  String testTarget;

  @Option(
      names = "--vocab-size",
      paramLabel = "TOKENS",
      description =
          "Keep the most frequent ones, <unk> and <eos> among them; 0 for all (default: 0, or that"
              + " of a prepared corpus).")
  @Range
  Integer vocabularySize;

  @Option(
      names = "--min-count",
      paramLabel = "TIMES",
      description = "Leave out tokens seen less often (default: 1, or that of a prepared corpus).")
  @Range(min = 1)
  Long minCount;

  /**
   * Checks that there is an input, and {@link #checkVocabulary}.
   *
   * @throws InputException if not
   */
  void check() {
    OptionRules.require(
        input, "--input is missing: name the text to learn, as in --input book.txt.");
    checkVocabulary();
  }

  /**
   * Checks that what is to be written is given line by line for all rows, or for none.
   *
   * @throws InputException if not
   */
  void checkTargets() {
    boolean lines = !targets.files.isEmpty();
    requireTarget("--valid", valid, "--valid-target", validTarget, lines);
    requireTarget("--test", test, "--test-target", testTarget, lines);
  }

  private static void requireTarget(
      String option, String rows, String name, String target, boolean lines) {
    if (lines && (rows == null) != (target == null)) {
      throw new InputException(
          "%s %s needs %s, whose lines go with its own: give both, or none."
              .formatted(
                  rows == null ? name : option,
                  rows == null ? target : rows,
                  rows == null ? option : name));
    }
  }

  /** Checks that a vocabulary of the size asked for has room for a token. */
  void checkVocabulary() {
    int least = units.leastVocabulary();
    if (vocabularySize != null && vocabularySize > 0 && vocabularySize < least) {
      throw new InputException(
          ("--vocab-size %s leaves no room for tokens beside the special symbols: give at"
                  + " least %s, or 0 for all.")
              .formatted(vocabularySize, least));
    }
  }

  /**
   * Fills in what was not said of the vocabularies of rows, which have no limits then, but for byte
   * pairs.
   *
   * @return the size of the vocabularies; null if nothing was said of that of byte pairs
   * @throws InputException if there is no room for byte pairs
   */
  Integer completeRows(TextSplitter splitter) {
    boolean pairs = splitter.unit() == TextSplitter.Unit.BYTE_PAIRS;
    boolean said = vocabularySize != null;
    if (!said) {
      vocabularySize = pairs ? BytePairs.USUAL : 0;
    }
    if (pairs && vocabularySize < BytePairs.LEAST) {
      throw new InputException(
          ("--vocab-size is %s, but byte pairs need at least %s: all bytes and the special symbols."
                  + " Give more, or another --unit.")
              .formatted(vocabularySize, BytePairs.LEAST));
    }
    minCount = minCount == null ? 1 : minCount;
    return pairs && !said ? null : vocabularySize;
  }

  /**
   * Returns the text of a language model.
   *
   * @param rows how its files are written
   */
  TrainRequest.Text text(RowOptions rows) {
    return new TrainRequest.Text(
        rows.input(input),
        rows.choice(),
        valid,
        validFraction,
        holdOut,
        test,
        units.tokenizerOrNull(),
        vocabularySize,
        minCount);
  }
}
