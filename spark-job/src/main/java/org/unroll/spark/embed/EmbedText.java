// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.SkipGramText;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.StreamCorpus;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.TokenSource;

/**
 * A text whose words get vectors. Its tokens are those of a corpus; words are tokens without the
 * special ones, numbered from 0 in the same order. The end of a line is a border that no context
 * crosses, and rarer words than the vocabulary's are taken out before contexts are formed, as in
 * word2vec. A prepared corpus of a unit whose tokens end no line has no borders.
 *
 * @param source the tokens
 * @param tokens what they are, with counts
 * @param hash of the text
 * @param vocabularySize the most words, 0 for no limit
 * @param minCount least occurrences of a word
 */
record EmbedText(
    TokenSource source, Vocabulary tokens, String hash, int vocabularySize, long minCount) {
  /** The number of tokens that are neither a word nor a border. */
  static final int NONE = -2;

  private static final long USUAL_MIN_COUNT = 5;
  private static final String UNIT = "word";

  /** The tokens that are read in one go. */
  private static final int PIECE = 1 << 20;

  /**
   * Reads and counts a text, as Spark jobs; a prepared corpus is counted already.
   *
   * @throws InputException if it cannot be read, no word is left, or an option contradicts a
   *     prepared corpus
   */
  static EmbedText open(SparkSession spark, EmbedJob.Request request) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    PreparedCorpus prepared =
        PreparedCorpus.findStreamOrNull(request.input().paths(), conf, "embed");
    return prepared == null ? ofText(spark, request) : ofCorpus(spark, request, prepared);
  }

  private static EmbedText ofText(SparkSession spark, EmbedJob.Request request) {
    int most = request.vocabularySize() == null ? 0 : request.vocabularySize();
    long least = request.minCount() == null ? USUAL_MIN_COUNT : request.minCount();
    TextCorpus corpus =
        TextCorpus.open(spark, request.input(), request.columns(), Tokenizer.of(UNIT));
    int tokens = most == 0 ? 0 : Math.addExact(most, Vocabulary.SPECIALS.size());
    Vocabulary vocabulary = corpus.vocabulary(tokens, least, false);
    TokenSource source = corpus.source(vocabulary, 0, corpus.tokens());
    return new EmbedText(source, vocabulary, corpus.hash(), most, least);
  }

  private static EmbedText ofCorpus(
      SparkSession spark, EmbedJob.Request request, PreparedCorpus prepared) {
    Vocabulary vocabulary = prepared.vocabulary();
    long special = vocabulary.entries().stream().filter(EmbedText::isSpecial).count();
    int size = prepared.vocabularySize();
    int most = size == 0 ? 0 : (int) (size - special);
    long least = prepared.minCount();
    String said = size == 0 ? "0" : size + ", special symbols among them";
    prepared.requireSame("--vocab-size", request.vocabularySize(), most, said);
    prepared.requireSame("--min-count", request.minCount(), least, least);
    StreamCorpus corpus = new StreamCorpus(spark, prepared);
    TokenSource source = corpus.source(vocabulary, 0, corpus.tokens());
    long counted = vocabulary.entries().stream().mapToLong(Vocabulary.Entry::count).sum();
    if (counted != source.tokens()) {
      vocabulary = countedAnew(spark, source, vocabulary);
    }
    return new EmbedText(source, vocabulary, corpus.hash(), most, least);
  }

  /** Gives a vocabulary of other text, or of a corpus' first text, the counts of this one. */
  private static Vocabulary countedAnew(
      SparkSession session, TokenSource source, Vocabulary vocabulary) {
    int size = vocabulary.size();
    long[] counts =
        pieces(JavaSparkContext.fromSparkContext(session.sparkContext()), source)
            .treeAggregate(
                new long[size],
                (sum, piece) -> {
                  for (int token : source.read(piece[0], piece[1])) {
                    sum[token]++;
                  }
                  return sum;
                },
                (a, b) -> {
                  Arrays.setAll(a, i -> a[i] + b[i]);
                  return a;
                });
    List<Vocabulary.Entry> entries = new ArrayList<>(size);
    for (int token = 0; token < size; token++) {
      entries.add(new Vocabulary.Entry(vocabulary.token(token), counts[token]));
    }
    Vocabulary own = Vocabulary.of(entries);
    if (own.entries().stream().noneMatch(EmbedText::isWord)) {
      throw new InputException(
          "The prepared corpus has no word of its vocabulary: prepare it with a vocabulary of its"
              + " own (without --vocabulary).");
    }
    return own;
  }

  /** Returns where pieces of a source begin and end, each for a task. */
  static JavaRDD<long[]> pieces(JavaSparkContext spark, TokenSource source) {
    List<long[]> pieces = new ArrayList<>();
    for (long from = 0; from < source.tokens(); from += PIECE) {
      pieces.add(new long[] {from, Math.min(source.tokens(), from + PIECE)});
    }
    return spark.parallelize(pieces, pieces.size());
  }

  private static boolean isSpecial(Vocabulary.Entry entry) {
    return Vocabulary.SPECIALS.contains(entry.token());
  }

  /** Returns whether a token gets a vector: a word that the text has. */
  private static boolean isWord(Vocabulary.Entry entry) {
    return !isSpecial(entry) && entry.count() > 0;
  }

  Vocabulary words() {
    return Vocabulary.of(tokens.entries().stream().filter(EmbedText::isWord).toList());
  }

  /** Returns each token's number as a word, {@link SkipGramText#BORDER} or {@link #NONE}. */
  int[] wordOfToken() {
    int[] words = new int[tokens.size()];
    int next = 0;
    for (int token = 0; token < words.length; token++) {
      Vocabulary.Entry entry = tokens.entries().get(token);
      boolean border = entry.token().equals(Vocabulary.EOS);
      words[token] = border ? SkipGramText.BORDER : isWord(entry) ? next++ : NONE;
    }
    return words;
  }

  /** Returns how many words of the text have a vector. */
  long count() {
    return words().entries().stream().mapToLong(Vocabulary.Entry::count).sum();
  }
}
