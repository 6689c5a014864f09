// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;

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

  /** Returns V, the number of words. */
  public int words() {
    return vocabulary.size();
  }

  /**
   * Words and vectors while a file is read. It grows with them, whatever a file says of its size.
   */
  static final class Table {
    private static final int FIRST_WORDS = 1 << 10;

    private final String sourceName;
    private final int size;
    private final List<Vocabulary.Entry> entries = new ArrayList<>();
    private final Set<String> known = new HashSet<>();
    private float[] values;

    /** Makes an empty table for vectors of D = {@code size} numbers. */
    Table(String sourceName, int size) {
      this.sourceName = sourceName;
      this.size = size;
      values = new float[Math.multiplyExact(FIRST_WORDS, size)];
    }

    /**
     * Takes a word and its numbers. Published files have some words twice; the first of them
     * counts.
     *
     * @param where messages say it stands, such as {@code line 3}
     */
    void add(String word, float[] vector, String where) {
      for (float number : vector) {
        if (!Float.isFinite(number)) {
          throw error(where, "the vector of '" + word + "' has " + number + " in it", null);
        }
      }
      if (!known.add(word)) {
        return;
      }
      int end = (entries.size() + 1) * size;
      if (end < 0) {
        throw error(where, "more than 2^31 numbers do not fit in memory", null);
      }
      if (values.length < end) {
        values = Arrays.copyOf(values, (int) Math.min(Integer.MAX_VALUE - 8, 2L * values.length));
      }
      System.arraycopy(vector, 0, values, end - size, size);
      try {
        entries.add(new Vocabulary.Entry(word, 0));
      } catch (IllegalArgumentException e) {
        throw error(where, e.getMessage(), e);
      }
    }

    private InputException error(String where, String problem, Throwable cause) {
      return new InputException(sourceName + ": " + where + ": " + problem, cause);
    }

    /** Returns all words and their vectors. */
    WordVectors vectors() {
      if (entries.isEmpty()) {
        throw new InputException(sourceName + " has no word in it");
      }
      return new WordVectors(
          Vocabulary.of(entries), size, Arrays.copyOf(values, entries.size() * size));
    }
  }
}
