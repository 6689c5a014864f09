// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import java.io.Serializable;
import java.util.List;

/**
 * Label sequences that were read from unsegmented ones. The label error rate is the sum of the edit
 * distances divided by the sum of the lengths of the truth (Graves et al. 2006); it may exceed 1.
 *
 * @param edits insertions, deletions and substitutions that make the truth of the predictions
 * @param labels of the truth
 * @param sequences compared
 * @param wrong sequences with any edit
 */
public record LabelErrors(long edits, long labels, long sequences, long wrong)
    implements Serializable {

  /** Of nothing. */
  public static final LabelErrors NONE = new LabelErrors(0, 0, 0, 0);

  /** Of one sequence. */
  public static <T> LabelErrors of(List<T> truth, List<T> predicted) {
    int edits = distance(truth, predicted);
    return new LabelErrors(edits, truth.size(), 1, edits > 0 ? 1 : 0);
  }

  /**
   * The fewest insertions, deletions and substitutions between two sequences (Levenshtein 1966), in
   * time of the product of their lengths and memory of the second's.
   */
  public static <T> int distance(List<T> a, List<T> b) {
    int[] row = new int[b.size() + 1];
    for (int j = 0; j <= b.size(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.size(); j++) {
        int substituted = diagonal + (a.get(i - 1).equals(b.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.size()];
  }

  /** The sum. */
  public LabelErrors plus(LabelErrors other) {
    return new LabelErrors(
        edits + other.edits,
        labels + other.labels,
        sequences + other.sequences,
        wrong + other.wrong);
  }

  /** The label error rate; NaN without any label. */
  public double rate() {
    return (double) edits / labels;
  }

  /** The share of sequences that are not read without error. */
  public double sequenceErrorRate() {
    return (double) wrong / sequences;
  }
}
