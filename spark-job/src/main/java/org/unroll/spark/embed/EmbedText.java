// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.SkipGramText;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.TokenSource;

/**
 * A text whose words get vectors. Its tokens are those of a corpus; words are tokens without the
 * special ones, numbered from 0 in the same order. The end of a line is a border that no context
 * crosses, and rarer words than the vocabulary's are taken out before contexts are formed, as in
 * word2vec.
 *
 * @param source the tokens
 * @param tokens what they are, with counts
 * @param hash of the text
 */
record EmbedText(TokenSource source, Vocabulary tokens, String hash) {
  /** What a token is that is neither a word nor a border. */
  static final int NONE = -2;

  private static final String UNIT = "word";
  private static final List<String> SPECIAL = List.of(Vocabulary.UNK, Vocabulary.EOS);

  /**
   * Reads and counts a text, as Spark jobs.
   *
   * @param vocabularySize the most words, 0 for no limit
   * @throws InputException if it cannot be read or no word is left
   */
  static EmbedText open(
      SparkSession spark, List<String> inputs, int vocabularySize, long minCount) {
    TextCorpus corpus = TextCorpus.open(spark, inputs, Tokenizer.of(UNIT));
    int tokens = vocabularySize == 0 ? 0 : Math.addExact(vocabularySize, SPECIAL.size());
    Vocabulary vocabulary = corpus.vocabulary(tokens, minCount, false);
    return new EmbedText(corpus.source(vocabulary), vocabulary, corpus.hash());
  }

  /** The words, with their counts. */
  Vocabulary words() {
    List<Vocabulary.Entry> words = new ArrayList<>(tokens.entries());
    words.removeIf(entry -> SPECIAL.contains(entry.token()));
    return Vocabulary.of(words);
  }

  /** For each token the number of its word, {@link SkipGramText#BORDER} or {@link #NONE}. */
  int[] wordOfToken() {
    int[] words = new int[tokens.size()];
    int next = 0;
    for (int token = 0; token < words.length; token++) {
      words[token] =
          switch (tokens.token(token)) {
            case Vocabulary.EOS -> SkipGramText.BORDER;
            case Vocabulary.UNK -> NONE;
            default -> next++;
          };
    }
    return words;
  }

  /** How many words of the text have a vector. */
  long count() {
    return words().entries().stream().mapToLong(Vocabulary.Entry::count).sum();
  }
}
