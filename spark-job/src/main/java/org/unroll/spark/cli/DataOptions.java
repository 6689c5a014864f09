// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.train.TextData;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which text is learnt, and how it is cut into tokens. */
@Heading("Data")
final class DataOptions {
  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Text to learn: a file, directory or glob on any Hadoop file system, .gz too; repeatable,"
              + " in this order.")
  List<String> input = new ArrayList<>();

  @Mixin UnitOptions units;

  @Option(
      names = "--valid",
      paramLabel = "PATH",
      description = "Held-out text that decides which epoch's parameters are kept (default: none).")
  String valid;

  @Option(
      names = "--valid-fraction",
      defaultValue = "0",
      paramLabel = "FRACTION",
      description =
          "Without --valid: this fraction of the input's tokens, its end, is held out"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double validFraction;

  @Option(
      names = "--test",
      paramLabel = "PATH",
      description = "Text to score the kept parameters on, once, at the end (default: none).")
  String test;

  @Option(
      names = "--vocab-size",
      defaultValue = "0",
      paramLabel = "TOKENS",
      description =
          "Keep the most frequent ones, <unk> and <eos> among them; 0 for all"
              + " (default: ${DEFAULT-VALUE}).")
  @Range
  int vocabularySize;

  @Option(
      names = "--min-count",
      defaultValue = "1",
      paramLabel = "TIMES",
      description = "Leave out tokens seen less often (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  long minCount;

  void check() {
    if (input.isEmpty()) {
      throw new InputException(
          "--input is missing: name the text to learn, as in --input book.txt.");
    }
    checkTogether();
  }

  /** All but that there is an input. */
  void checkTogether() {
    if (units.unit == UnitOptions.Unit.BPE) {
      throw new InputException(
          "--unit bpe has to be learnt first: run prepare --unit bpe on the text, and train on the"
              + " folder that it writes.");
    }
    int least = units.leastVocabulary();
    if (vocabularySize > 0 && vocabularySize < least) {
      throw new InputException(
          "--vocab-size "
              + vocabularySize
              + " leaves no room for tokens beside the special symbols: give at least "
              + least
              + ", or 0 for all.");
    }
    if (valid != null && validFraction > 0) {
      throw new InputException(
          "--valid "
              + valid
              + " and --valid-fraction "
              + validFraction
              + " both name the validation data: give one of them.");
    }
  }

  TextData textData() {
    return new TextData(
        List.copyOf(input),
        valid,
        validFraction,
        test,
        units.tokenizer(),
        vocabularySize,
        minCount);
  }
}
