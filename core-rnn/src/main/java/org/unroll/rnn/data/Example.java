// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An example is a sequence to be read, and what is to be found out about it. Arrays are not copied.
 *
 * @param id by which people know it; messages name it
 * @param steps T, its length; may be 0
 * @param tokens ids by column and step {@code [columns][T]}; no columns for sequences of numbers
 * @param characters of every step the characters of its word {@code [T][]}, or null
 * @param features numbers of every step {@code [T, D]}, or null
 * @param labels ids of classes: one of the sequence, one of every step, or, unaligned, any number;
 *     or the tokens to be written, the last of which ends them; {@link Batch#MASKED} where one is
 *     not known, below that of an {@link Example#unseenLabel}; null when none is known
 * @param values numbers that are to be found, of the sequence or of every step; NaN where one is
 *     not known; or null
 * @param reference what a metric compares answers with besides, such as forecasts that need no
 *     model; or null
 * @param texts what a written answer is compared with: one wording or several; or null
 */
public record Example(
    String id,
    int steps,
    int[][] tokens,
    int[][] characters,
    float[] features,
    int[] labels,
    float[] values,
    double[] reference,
    List<String> texts)
    implements Serializable {

  /** Makes an example without a reference for metrics. */
  public Example(
      String id,
      int steps,
      int[][] tokens,
      int[][] characters,
      float[] features,
      int[] labels,
      float[] values) {
    this(id, steps, tokens, characters, features, labels, values, null, null);
  }

  public Example {
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

  /** Returns a sequence of tokens of one column with labels. */
  public static Example ofTokens(String id, int[] tokens, int... labels) {
    return new Example(id, tokens.length, new int[][] {tokens}, null, null, labels, null);
  }

  /** Returns a sequence of vectors of {@code width} numbers with labels. */
  public static Example ofFeatures(String id, float[] features, int width, int... labels) {
    int steps = features.length / width;
    return new Example(id, steps, new int[0][], null, features, labels, null);
  }

  /** Returns whether anything is known that an answer could be compared with. */
  public boolean isKnown() {
    return values != null
        ? IntStream.range(0, values.length).anyMatch(i -> !Float.isNaN(values[i]))
        : labels != null
            && (labels.length == 0 || IntStream.of(labels).anyMatch(l -> l != Batch.MASKED));
  }

  /** Returns the same example with these labels. */
  public Example withLabels(int... others) {
    return new Example(id, steps, tokens, characters, features, others, values, reference, texts);
  }

  /** Returns the same example with numbers to be found. */
  public Example withValues(float... numbers) {
    return new Example(id, steps, tokens, characters, features, labels, numbers, reference, texts);
  }

  /** Returns the same example with what a metric compares answers with. */
  public Example withReference(double... numbers) {
    return new Example(id, steps, tokens, characters, features, labels, values, numbers, texts);
  }

  /** Returns the same example with the wordings that an answer is compared with. */
  public Example withTexts(List<String> wordings) {
    return new Example(
        id, steps, tokens, characters, features, labels, values, reference, wordings);
  }

  /**
   * Returns the example with its first or last steps alone, if it has more than that. Its labels or
   * values must not be those of steps.
   */
  public Example cut(int most, boolean keepEnd) {
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
    return new Example(id, most, cut, words, numbers, labels, values, reference, texts);
  }

  /**
   * Returns the id of a label that a model does not know, because only the data that it is scored
   * on have it. Such ids lie below {@link Batch#MASKED}: nothing is learnt from them, and no answer
   * is right.
   *
   * @param number of the label among those that are not known, from 0
   */
  public static int unseenLabel(int number) {
    return Batch.MASKED - 1 - number;
  }

  /** Returns whether a label is none that the model knows. */
  public static boolean isUnseen(int label) {
    return label < Batch.MASKED;
  }

  /**
   * Returns where a label is counted: at its id, or behind all known ones.
   *
   * @param label one that is not masked
   * @param known how many labels the model knows
   */
  public static int place(int label, int known) {
    return isUnseen(label) ? known + Batch.MASKED - 1 - label : label;
  }
}
