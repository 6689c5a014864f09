// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.train.ParamGrowth.NewRows;
import org.unroll.spark.corpus.VocabularyChoice;

/**
 * How much a model may grow when a training starts from it: tokens and labels that it does not know
 * follow those that it knows, which keep their ids.
 *
 * @param tokens the most new ones of each vocabulary; {@link #ALL} for no limit. Characters of
 *     words and labels have none.
 * @param minCount the fewest occurrences of a new token in the rows to learn
 * @param rows how the parameters of what is new begin
 */
public record Growth(int tokens, long minCount, NewRows rows) {
  /** Stands for as many tokens as there are. */
  public static final int ALL = Integer.MAX_VALUE;

  public Growth {
    Checks.notNegative("tokens", tokens);
    Checks.present("the start of what is new", rows);
  }

  /** Returns the choice of a grown vocabulary. */
  VocabularyChoice.Grown of(Vocabulary before) {
    return new VocabularyChoice.Grown(before, tokens, minCount);
  }

  /**
   * Returns a vocabulary of characters with those of others behind it.
   *
   * @param before null for none
   * @param all of the grown words, with their counts, which those before had a part in
   */
  static Vocabulary characters(Vocabulary before, Vocabulary all) {
    if (before == null) {
      return all;
    }
    List<Vocabulary.Entry> entries = new ArrayList<>();
    before.entries().stream()
        .map(Vocabulary.Entry::token)
        .map(
            token ->
                new Vocabulary.Entry(token, all.contains(token) ? all.count(all.id(token)) : 0))
        .forEach(entries::add);
    all.entries().stream().filter(entry -> !before.contains(entry.token())).forEach(entries::add);
    return Vocabulary.of(entries);
  }

  /**
   * Returns labels with how often each occurs, and those that are new behind the others.
   *
   * @param before those of the model
   * @param found those of the rows to learn
   */
  static Map<String, Long> labels(List<String> before, Map<String, Long> found) {
    Map<String, Long> labels = new LinkedHashMap<>();
    before.forEach(label -> labels.put(label, found.getOrDefault(label, 0L)));
    found.forEach(labels::putIfAbsent);
    return labels;
  }
}
