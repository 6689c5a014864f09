// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import java.io.Serializable;
import java.util.Arrays;

/** How often label i was predicted as label j. */
public final class ConfusionMatrix implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int labels;
  private final long[] counts;

  /** An empty one for labels {@code [0, labels)}. */
  public ConfusionMatrix(int labels) {
    if (labels < 1) {
      throw new IllegalArgumentException("there must be at least 1 label but were " + labels);
    }
    this.labels = labels;
    this.counts = new long[Math.multiplyExact(labels, labels)];
  }

  /** Counts one prediction. */
  public void add(int truth, int predicted) {
    counts[index(truth, predicted)]++;
  }

  /**
   * Adds another one's counts.
   *
   * @throws IllegalArgumentException if it is for another number of labels
   */
  public void add(ConfusionMatrix other) {
    if (other.labels != labels) {
      throw new IllegalArgumentException(
          "a matrix of " + other.labels + " labels cannot be added to one of " + labels);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  private int index(int truth, int predicted) {
    if (truth < 0 || truth >= labels || predicted < 0 || predicted >= labels) {
      throw new IllegalArgumentException(
          "labels must be in [0, " + labels + ") but were " + truth + " and " + predicted);
    }
    return truth * labels + predicted;
  }

  /** How often this label was predicted as that one. */
  public long count(int truth, int predicted) {
    return counts[index(truth, predicted)];
  }

  public int labels() {
    return labels;
  }

  /** All predictions. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** The share of right predictions; NaN without any. */
  public double accuracy() {
    long right = 0;
    for (int label = 0; label < labels; label++) {
      right += count(label, label);
    }
    return (double) right / total();
  }

  /** Precision, recall and F1 of one label against all others. */
  public PrecisionRecall of(int label) {
    long predicted = 0;
    long there = 0;
    for (int other = 0; other < labels; other++) {
      predicted += count(other, label);
      there += count(label, other);
    }
    return new PrecisionRecall(count(label, label), predicted, there);
  }

  /**
   * The mean F1 of the labels that occur in the truth or were predicted; NaN without any. A label
   * that was never right has 0.
   */
  public double macroF1() {
    double sum = 0;
    int seen = 0;
    for (int label = 0; label < labels; label++) {
      PrecisionRecall one = of(label);
      if (one.predicted() + one.there() > 0) {
        sum += one.f1();
        seen++;
      }
    }
    return sum / seen;
  }
}
