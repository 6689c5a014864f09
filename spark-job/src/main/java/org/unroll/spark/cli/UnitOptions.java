// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.TextSplitter;
import picocli.CommandLine.Option;

/** These options say how text is cut into tokens. */
@OptionRule.Group("Data")
final class UnitOptions {
  /** A unit says what one token is. */
  enum Unit {
    CHAR,
    WORD,
    WHITESPACE,
    WORDPUNCT,
    REGEX,
    BPE
  }

  @Option(
      names = "--unit",
      description =
          "A token: char (a Unicode code point), word or whitespace (what stands between white"
              + " space, and <eos> for the end of a line), wordpunct (letters, digits and"
              + " punctuation apart), regex (what --pattern finds), bpe (byte pairs, learnt by"
              + " prepare, or for translate, caption and execute from the rows) (default: char, or that of"
              + " a prepared corpus; whitespace for the task state, char for execute, bpe for"
              + " translate, wordpunct for the others that are not lm and for prepare --kind"
              + " documents).")
  private Unit unit;

  @Option(
      names = "--lowercase",
      description =
          "Of word, wordpunct and regex: put tokens in lower case (default: as they are).")
  @OptionRule(
      notWith = "--unit=bpe",
      why = "do not go together, since the tokens of bpe are to give the text back")
  boolean lowercase;

  @Option(
      names = "--pattern",
      paramLabel = "REGEX",
      description =
          "Of --unit regex: a Java regular expression that finds a token (default: none).")
  @OptionRule(tasks = TaskName.LM, needs = "--unit=regex")
  String pattern;

  Unit unit() {
    return unit == null ? Unit.CHAR : unit;
  }

  /** Returns whether anything was said of the tokens. */
  boolean isSaid() {
    return unit != null || lowercase || pattern != null;
  }

  /** The full name of the tokenizer; null where nothing was said. */
  String tokenizerOrNull() {
    return isSaid() ? tokenizer() : null;
  }

  /** The full name of the tokenizer. */
  String tokenizer() {
    if (lowercase && unit() == Unit.CHAR) {
      throw new InputException(
          "--lowercase is not for --unit char, whose tokens are to give the text back: leave it out,"
              + " or take word, wordpunct or regex.");
    }
    if (unit() == Unit.REGEX && pattern == null) {
      throw new InputException(
          "--unit regex needs --pattern, which finds a token, as in --pattern '\\w+'.");
    }
    if (unit() == Unit.BPE) {
      return BpeTokenizer.NAME;
    }
    String name = Converters.name(unit() == Unit.WHITESPACE ? Unit.WORD : unit());
    String full = name + (lowercase ? "+lowercase" : "") + (pattern == null ? "" : ":" + pattern);
    try {
      return Tokenizer.of(full).name();
    } catch (IllegalArgumentException e) {
      throw new InputException("--pattern cannot be used: " + e.getMessage() + ".", e);
    }
  }

  /** The full name of what cuts the texts of rows that are prepared. */
  String ofRows() {
    return unit == Unit.REGEX || unit == Unit.BPE || pattern != null
        ? tokenizer()
        : splitter(true, Unit.WORDPUNCT, false).name();
  }

  /**
   * Returns how the texts of labelled rows become tokens.
   *
   * @param keepsCase whether capitals stay unless --lowercase is given
   * @param usual what a token is unless --unit is given
   * @param writes whether byte pairs can be learnt from them
   */
  TextSplitter splitter(boolean keepsCase, Unit usual, boolean writes) {
    Unit chosen = unit == null ? usual : unit;
    if (writes && chosen == Unit.BPE) {
      if (lowercase) {
        throw new InputException(
            "--lowercase is not for byte pairs, whose tokens are to give the text back: leave it out,"
                + " or take --unit wordpunct.");
      }
      return new TextSplitter(TextSplitter.Unit.BYTE_PAIRS, false);
    }
    TextSplitter.Unit tokens =
        switch (chosen) {
          case CHAR -> TextSplitter.Unit.CHARACTERS;
          case WORD, WHITESPACE -> TextSplitter.Unit.BLANKS;
          case WORDPUNCT -> TextSplitter.Unit.WORDS;
          case BPE, REGEX ->
              throw new InputException(
                  "--unit "
                      + Converters.name(unit)
                      + (chosen == Unit.BPE
                          ? " is for language models and tasks that write: take"
                          : " is for language models: take")
                      + " char, word, whitespace or wordpunct.");
        };
    return new TextSplitter(tokens, lowercase || !keepsCase);
  }

  /** Special symbols and one token. */
  int leastVocabulary() {
    return unit() == Unit.BPE ? 256 : unit() == Unit.CHAR ? 2 : 3;
  }
}
