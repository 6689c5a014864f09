// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Checks;
import scala.Tuple2;

/**
 * A choice says which tokens become a vocabulary; see {@link Vocabulary#build}.
 *
 * @param unit the name of the tokenizer
 * @param maxSize the most entries, 0 for no limit
 * @param minCount the fewest occurrences
 * @param forceUnk whether characters get {@link Vocabulary#UNK} in any case
 */
public record VocabularyChoice(String unit, int maxSize, long minCount, boolean forceUnk) {
  private static final Comparator<Tuple2<String, Long>> BY_RANK =
      (Comparator<Tuple2<String, Long>> & Serializable)
          (a, b) -> {
            int byCount = Long.compare(b._2(), a._2());
            return byCount != 0 ? byCount : Vocabulary.compareTokens(a._1(), b._1());
          };

  /**
   * A grown vocabulary has all tokens of one that is there, and new ones behind them; see {@link
   * Vocabulary#grown}.
   *
   * @param before what is there
   * @param most new tokens
   * @param minCount the fewest occurrences of a new token
   */
  public record Grown(Vocabulary before, int most, long minCount) {
    /**
     * Chooses among counted tokens, in Spark jobs.
     *
     * @param counts each token once
     */
    public Vocabulary from(JavaPairRDD<String, Long> counts) {
      Vocabulary known = before;
      long fewest = minCount;
      Map<String, Long> chosen =
          new HashMap<>(counts.filter(token -> known.contains(token._1())).collectAsMap());
      JavaPairRDD<String, Long> others =
          counts.filter(
              token ->
                  token._2() >= fewest
                      && !known.contains(token._1())
                      && !Vocabulary.SPECIALS.contains(token._1()));
      if (most == Integer.MAX_VALUE) {
        chosen.putAll(others.collectAsMap());
      } else if (most > 0) {
        others.takeOrdered(most, BY_RANK).forEach(token -> chosen.put(token._1(), token._2()));
      }
      return before.grown(chosen, counts.values().fold(0L, Long::sum), most, minCount);
    }
  }

  public VocabularyChoice {
    Checks.notNegative("maxSize", maxSize);
  }

  /**
   * Chooses among counted tokens.
   *
   * @param counts each token once
   * @param total the sum of the counts
   */
  public Vocabulary from(JavaPairRDD<String, Long> counts, long total) {
    long fewest = minCount;
    JavaPairRDD<String, Long> kept = counts.filter(token -> token._2() >= fewest);
    if (maxSize == 0) {
      return among(kept.collectAsMap(), total);
    }
    Map<String, Long> chosen = new HashMap<>();
    // Special tokens among them take no place from the others.
    kept.takeOrdered(maxSize + Vocabulary.SPECIALS.size(), BY_RANK)
        .forEach(token -> chosen.put(token._1(), token._2()));
    return among(chosen, total);
  }

  /**
   * Chooses among the most frequent tokens.
   *
   * @param best at least as many as are wanted, and the special ones
   * @param total the occurrences of all tokens, with those that are not here
   * @throws InputException if nothing is left
   */
  public Vocabulary among(Map<String, Long> best, long total) {
    Map<String, Long> chosen = new HashMap<>(best);
    long left = total - best.values().stream().mapToLong(Long::longValue).sum();
    if (left > 0) {
      chosen.merge(Vocabulary.UNK, left, Long::sum);
    }
    Vocabulary vocabulary = build(chosen);
    if (vocabulary.entries().stream()
        .map(Vocabulary.Entry::token)
        .allMatch(Vocabulary.SPECIALS::contains)) {
      throw new InputException(
          "The vocabulary would be empty: no token occurs at least "
              + minCount
              + " times. Lower --min-count or give more text.");
    }
    return vocabulary;
  }

  private Vocabulary build(Map<String, Long> chosen) {
    try {
      return Vocabulary.build(chosen, unit, maxSize, minCount, forceUnk);
    } catch (IllegalArgumentException e) {
      throw new InputException("The vocabulary cannot be chosen: " + e.getMessage() + ".", e);
    }
  }
}
