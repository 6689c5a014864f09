// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;

/**
 * An encoded row is a row of the user's data as a shard keeps it: whole, with its tokens as ids. Of
 * tokens that a vocabulary does not know, which all have the id of {@link Vocabulary#UNK}, it has
 * the texts as well.
 *
 * @param key where it stands in the input
 * @param id its name, or null
 * @param tokens ids by text column and step
 * @param unknown texts of the unknown tokens of each column, in their order
 * @param steps T
 * @param features {@code [T, D]}, or null
 * @param label of the whole row, or null
 * @param stepLabels a label for each step, or null
 * @param targets numbers to predict, or null
 */
record EncodedRow(
    RowKey key,
    String id,
    int[][] tokens,
    List<List<String>> unknown,
    int steps,
    float[] features,
    String label,
    String[] stepLabels,
    float[] targets) {
  private static final String[] NO_TOKENS = {};
  private static final float[] NO_FEATURES = {};

  /**
   * Encodes a row.
   *
   * @param vocabularies of its text columns
   * @throws IllegalArgumentException if a vocabulary has neither a token nor {@link Vocabulary#UNK}
   */
  static EncodedRow of(SequenceRow row, List<Vocabulary> vocabularies) {
    int[][] tokens = new int[row.tokens().length][];
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; c < tokens.length; c++) {
      String[] texts = row.tokens()[c];
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = unk(vocabulary);
      tokens[c] = new int[texts.length];
      unknown.add(new ArrayList<>());
      for (int t = 0; t < texts.length; t++) {
        tokens[c][t] = vocabulary.id(texts[t]);
        if (tokens[c][t] == unk) {
          unknown.get(c).add(texts[t]);
        }
      }
    }
    return new EncodedRow(
        row.key(),
        row.id(),
        tokens,
        unknown,
        row.steps(),
        row.channels() == 0 ? null : row.features(),
        row.label(),
        row.stepLabels(),
        row.targets());
  }

  private static int unk(Vocabulary vocabulary) {
    return vocabulary.hasUnk() ? vocabulary.id(Vocabulary.UNK) : TokenIds.NONE;
  }

  /** Returns the row with the texts of its tokens. */
  SequenceRow decode(List<Vocabulary> vocabularies) {
    String[][] texts = new String[tokens.length][];
    for (int c = 0; c < texts.length; c++) {
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = unk(vocabulary);
      texts[c] = tokens[c].length == 0 ? NO_TOKENS : new String[tokens[c].length];
      int next = 0;
      for (int t = 0; t < texts[c].length; t++) {
        int token = tokens[c][t];
        texts[c][t] = token == unk ? unknown.get(c).get(next++) : vocabulary.token(token);
      }
    }
    return new SequenceRow(
        key,
        id,
        texts,
        features == null ? NO_FEATURES : features,
        features == null || steps == 0 ? 0 : features.length / steps,
        label,
        stepLabels,
        targets);
  }

  /** Returns how many tokens of all columns there are. */
  long tokenCount() {
    long count = 0;
    for (int[] column : tokens) {
      count += column.length;
    }
    return count;
  }

  /** Returns how many tokens have no id of their own. */
  long unknownCount() {
    return unknown.stream().mapToLong(List::size).sum();
  }
}
