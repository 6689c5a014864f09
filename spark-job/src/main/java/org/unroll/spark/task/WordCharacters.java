// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.HashMap;
import java.util.Map;
import org.unroll.rnn.data.Vocabulary;

/** The characters of the words of a vocabulary. */
final class WordCharacters {
  private WordCharacters() {}

  /**
   * Every character that a word has, as often as the words that have it, and one for all others.
   */
  static Vocabulary of(Vocabulary words) {
    Map<String, Long> counts = new HashMap<>();
    for (Vocabulary.Entry entry : words.entries()) {
      if (!entry.token().equals(Vocabulary.UNK)) {
        Characters.of(entry.token()).forEach(c -> counts.merge(c, entry.count(), Long::sum));
      }
    }
    return Vocabulary.build(counts, "char", 0, 1, true);
  }
}
