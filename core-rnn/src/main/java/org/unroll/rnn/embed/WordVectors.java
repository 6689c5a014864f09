// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.data.Vocabulary;

/**
 * A vector for each word.
 *
 * @param vocabulary V words, most frequent first where their counts are known
 * @param size D, the width of a vector
 * @param values {@code [V, D]}
 */
public record WordVectors(Vocabulary vocabulary, int size, float[] values) {

  public WordVectors {
    if (size < 1 || (long) vocabulary.size() * size != values.length) {
      throw new IllegalArgumentException(
          "%d words of %d numbers are not %d numbers"
              .formatted(vocabulary.size(), size, values.length));
    }
  }

  /** V, the number of words. */
  public int words() {
    return vocabulary.size();
  }
}
