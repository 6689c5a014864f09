// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.SplitSources;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.ops.Figures;

/**
 * The text of a run, counted and cut into what is learnt and what is held out.
 *
 * @param sources where workers read the tokens
 * @param vocabulary of the text that is learnt
 * @param hash of the bytes of all texts
 */
public record TextSplits(SplitSources sources, Vocabulary vocabulary, String hash) {

  /**
   * Reads the texts, as Spark jobs.
   *
   * @param window T: a text to learn must be longer
   * @throws InputException if a text cannot be read or is too short
   */
  public static TextSplits open(SparkSession spark, TextData data, int window) {
    Tokenizer tokenizer = Tokenizer.of(data.unit());
    TextCorpus input = TextCorpus.open(spark, data.inputs(), tokenizer);
    TextCorpus valid = openOrNull(spark, data.valid(), tokenizer);
    TextCorpus test = openOrNull(spark, data.test(), tokenizer);
    long learnt = (long) Math.floor(input.tokens() * (1 - data.validFraction()));
    requireLonger("text to learn in " + String.join(", ", data.inputs()), learnt, window);

    Vocabulary vocabulary = vocabulary(data, input, valid, test);
    TokenSource heldOut =
        data.validFraction() > 0
            ? scored("end of the input to hold out (--valid-fraction)", input, vocabulary, learnt)
            : scored("text of --valid", valid, vocabulary, 0);
    SplitSources sources =
        new SplitSources(
            input.source(vocabulary, 0, learnt),
            heldOut,
            scored("text of --test", test, vocabulary, 0));
    return new TextSplits(sources, vocabulary, hash(input, valid, test));
  }

  private static TextCorpus openOrNull(SparkSession spark, String path, Tokenizer tokenizer) {
    return path == null ? null : TextCorpus.open(spark, List.of(path), tokenizer);
  }

  private static void requireLonger(String what, long tokens, int window) {
    if (tokens <= window) {
      throw new InputException(
          "The "
              + what
              + " has "
              + tokens
              + " tokens, but --window "
              + window
              + " needs more than "
              + window
              + ": give more text, or a smaller --window.");
    }
  }

  /** The tokens of a text from one on, to be scored; null for no text. */
  private static TokenSource scored(
      String what, TextCorpus corpus, Vocabulary vocabulary, long from) {
    if (corpus == null) {
      return null;
    }
    long tokens = corpus.tokens() - from;
    if (tokens < 2) {
      throw new InputException(
          "The "
              + what
              + " has "
              + tokens
              + " tokens, but to score a prediction takes 2: give more text.");
    }
    return corpus.source(vocabulary, from, corpus.tokens());
  }

  /**
   * Characters get a symbol for unknown ones only where a held-out text has such; words always have
   * it.
   */
  private static Vocabulary vocabulary(
      TextData data, TextCorpus input, TextCorpus valid, TextCorpus test) {
    Vocabulary own = input.vocabulary(data.vocabularySize(), data.minCount(), false);
    if (own.hasUnk() || knowsAll(own, valid) && knowsAll(own, test)) {
      return own;
    }
    return input.vocabulary(data.vocabularySize(), data.minCount(), true);
  }

  private static boolean knowsAll(Vocabulary vocabulary, TextCorpus corpus) {
    return corpus == null || corpus.unknown(vocabulary) == 0;
  }

  private static String hash(TextCorpus... corpora) {
    return Stream.of(corpora)
        .filter(Objects::nonNull)
        .map(TextCorpus::hash)
        .reduce((a, b) -> a + " " + b)
        .orElseThrow();
  }

  /** How much text there is, in a sentence. */
  String describe(String unit) {
    String noun = unit.equals("char") ? "character" : unit;
    StringBuilder text = new StringBuilder();
    text.append(Descriptions.count(sources.train().tokens(), noun)).append(" to learn");
    if (sources.valid() != null) {
      text.append(", ").append(Figures.count(sources.valid().tokens())).append(" to validate");
    }
    if (sources.test() != null) {
      text.append(", ").append(Figures.count(sources.test().tokens())).append(" to test");
    }
    return text.append('.').toString();
  }

  /** Tokens of a source, 0 for null. */
  static long tokens(TokenSource source) {
    return source == null ? 0 : source.tokens();
  }
}
