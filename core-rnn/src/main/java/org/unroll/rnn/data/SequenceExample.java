// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * A sequence to be read, and what is to be found out about it. Arrays are not copied.
 *
 * @param id by which people know it; messages name it
 * @param steps T, its length; may be 0
 * @param tokens ids by column and step {@code [columns][T]}; no columns for sequences of numbers
 * @param characters of every step the characters of its word {@code [T][]}, or null
 * @param features numbers of every step {@code [T, D]}, or null
 * @param labels ids of classes: one of the sequence, one of every step, or, unaligned, any number;
 *     {@link Batch#MASKED} where one is not known, below that of an {@link UnseenLabel}; null when
 *     none is known
 * @param values numbers that are to be found, of the sequence or of every step; NaN where one is
 *     not known; or null
 */
public record SequenceExample(
    String id,
    int steps,
    int[][] tokens,
    int[][] characters,
    float[] features,
    int[] labels,
    float[] values)
    implements Serializable {

  public SequenceExample {
    for (int[] column : tokens) {
      check(id, "tokens in a column", column.length, steps);
    }
    if (characters != null) {
      check(id, "words", characters.length, steps);
    }
    for (int i = 0; features != null && i < features.length; i++) {
      if (!Float.isFinite(features[i])) {
        throw new IllegalArgumentException(
            "sequence " + id + " has the feature " + features[i] + ", which is no number to read");
      }
    }
  }

  private static void check(String id, String what, int found, int steps) {
    if (found != steps) {
      throw new IllegalArgumentException(
          "sequence " + id + " has " + steps + " steps but " + found + " " + what);
    }
  }

  /** A sequence of tokens of one column with labels. */
  public static SequenceExample ofTokens(String id, int[] tokens, int... labels) {
    return new SequenceExample(id, tokens.length, new int[][] {tokens}, null, null, labels, null);
  }

  /** A sequence of vectors of {@code width} numbers with labels. */
  public static SequenceExample ofFeatures(String id, float[] features, int width, int... labels) {
    int steps = features.length / width;
    return new SequenceExample(id, steps, new int[0][], null, features, labels, null);
  }

  /** The same with numbers to be found. */
  public SequenceExample withValues(float... values) {
    return new SequenceExample(id, steps, tokens, characters, features, labels, values);
  }

  /**
   * Its first or last steps, if it has more than that. For sequences with labels or values of their
   * own, not of their steps.
   */
  public SequenceExample cut(int most, boolean keepEnd) {
    if (steps <= most) {
      return this;
    }
    int from = keepEnd ? steps - most : 0;
    int[][] cut = new int[tokens.length][];
    Arrays.setAll(cut, c -> Arrays.copyOfRange(tokens[c], from, from + most));
    int[][] words = characters == null ? null : Arrays.copyOfRange(characters, from, from + most);
    float[] numbers = features;
    if (features != null) {
      int width = features.length / steps;
      numbers = Arrays.copyOfRange(features, from * width, (from + most) * width);
    }
    return new SequenceExample(id, most, cut, words, numbers, labels, values);
  }
}
