// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import java.io.Serializable;

/**
 * What was found of what there is. Sums of it are additive; where a share would be 0 of 0 it is 0,
 * as in conlleval and scikit-learn.
 *
 * @param right what is both predicted and there
 * @param predicted what was predicted
 * @param there what there is
 */
public record PrecisionRecall(long right, long predicted, long there) implements Serializable {
  /** Of nothing. */
  public static final PrecisionRecall NONE = new PrecisionRecall(0, 0, 0);

  /** The sum. */
  public PrecisionRecall plus(PrecisionRecall other) {
    return new PrecisionRecall(
        right + other.right, predicted + other.predicted, there + other.there);
  }

  public double precision() {
    return share(right, predicted);
  }

  public double recall() {
    return share(right, there);
  }

  /** The harmonic mean of precision and recall. */
  public double f1() {
    return share(2 * right, predicted + there);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
