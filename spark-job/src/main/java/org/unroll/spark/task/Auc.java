// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * The area under the ROC curve, exactly: the chance that a positive has a higher score than a
 * negative, a tie being worth one half (Hanley and McNeil 1982). Holds two counts for every
 * different score.
 */
public final class Auc implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Negatives and positives by score. */
  private final TreeMap<Float, long[]> counts = new TreeMap<>();

  /**
   * Counts one score.
   *
   * @throws IllegalArgumentException if it is NaN, which has no rank
   */
  public void add(float score, boolean positive) {
    if (Float.isNaN(score)) {
      throw new IllegalArgumentException("a score must be a number to have a rank, but is NaN");
    }
    // 0 and -0 are the same score.
    counts.computeIfAbsent(score + 0f, s -> new long[2])[positive ? 1 : 0]++;
  }

  /** Adds another one's counts. */
  public void add(Auc other) {
    other.counts.forEach(
        (score, more) -> {
          long[] sum = counts.computeIfAbsent(score, s -> new long[2]);
          sum[0] += more[0];
          sum[1] += more[1];
        });
  }

  /** The area; NaN unless there are positives and negatives. */
  public double area() {
    double pairs = 0;
    long negatives = 0;
    long positives = 0;
    for (Map.Entry<Float, long[]> entry : counts.entrySet()) {
      long[] here = entry.getValue();
      pairs += here[1] * (negatives + here[0] / 2.0);
      negatives += here[0];
      positives += here[1];
    }
    return pairs / ((double) negatives * positives);
  }
}
