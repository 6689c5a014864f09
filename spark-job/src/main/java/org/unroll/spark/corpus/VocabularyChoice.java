// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
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

  public VocabularyChoice {
    if (maxSize < 0) {
      throw new IllegalArgumentException(
          "a vocabulary has at least 1 token, or 0 for no limit, but "
              + maxSize
              + " were asked for");
    }
  }

  /**
   * Chooses among counted tokens.
   *
   * @param counts each token once
   * @param total the sum of the counts
   */
  public Vocabulary from(JavaPairRDD<String, Long> counts, long total) {
    long fewest = minCount;
    JavaPairRDD<String, Long> kept = counts.filter(t -> t._2() >= fewest || isSpecial(t._1()));
    List<Tuple2<String, Long>> best =
        maxSize == 0 ? kept.collect() : kept.takeOrdered(maxSize, new ByRank());
    Map<String, Long> chosen = new HashMap<>();
    for (Tuple2<String, Long> token : best) {
      chosen.put(token._1(), token._2());
    }
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
    if (vocabulary.entries().stream().allMatch(entry -> isSpecial(entry.token()))) {
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

  private static boolean isSpecial(String token) {
    return token.equals(Vocabulary.UNK) || token.equals(Vocabulary.EOS);
  }

  /** Special tokens first: their counts are needed in any case. */
  private static final class ByRank implements Comparator<Tuple2<String, Long>>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Tuple2<String, Long> a, Tuple2<String, Long> b) {
      boolean special = isSpecial(a._1());
      if (special != isSpecial(b._1())) {
        return special ? -1 : 1;
      }
      int byCount = Long.compare(b._2(), a._2());
      return byCount != 0 ? byCount : Vocabulary.compareTokens(a._1(), b._1());
    }
  }
}
