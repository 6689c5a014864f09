// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;

/** Words and vectors while they are read; grows with them, whatever a file says of its size. */
final class VectorTable {
  private static final int FIRST_WORDS = 1 << 10;

  private final String sourceName;
  private final int size;
  private final List<Vocabulary.Entry> entries = new ArrayList<>();
  private final Set<String> known = new HashSet<>();
  private float[] values;

  /**
   * An empty table.
   *
   * @param size D
   */
  VectorTable(String sourceName, int size) {
    this.sourceName = sourceName;
    this.size = size;
    values = new float[Math.multiplyExact(FIRST_WORDS, size)];
  }

  /**
   * Takes a word and its numbers. Published files have some words twice; the first of them counts.
   *
   * @param where messages say it stands, such as {@code line 3}
   */
  void add(String word, float[] vector, String where) {
    for (float number : vector) {
      if (!Float.isFinite(number)) {
        throw new InputException(
            sourceName + ": " + where + ": the vector of '" + word + "' has " + number + " in it");
      }
    }
    if (!known.add(word)) {
      return;
    }
    int end = (entries.size() + 1) * size;
    if (end < 0) {
      throw new InputException(
          sourceName + ": " + where + ": more than 2^31 numbers do not fit in memory");
    }
    if (values.length < end) {
      values = Arrays.copyOf(values, (int) Math.min(Integer.MAX_VALUE - 8, 2L * values.length));
    }
    System.arraycopy(vector, 0, values, end - size, size);
    entries.add(entry(word, where));
  }

  private Vocabulary.Entry entry(String word, String where) {
    try {
      return new Vocabulary.Entry(word, 0);
    } catch (IllegalArgumentException e) {
      throw new InputException(sourceName + ": " + where + ": " + e.getMessage(), e);
    }
  }

  WordVectors vectors() {
    if (entries.isEmpty()) {
      throw new InputException(sourceName + " has no word in it");
    }
    return new WordVectors(
        Vocabulary.of(entries), size, Arrays.copyOf(values, entries.size() * size));
  }
}
