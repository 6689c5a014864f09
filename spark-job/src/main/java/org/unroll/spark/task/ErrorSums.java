// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import org.unroll.rnn.network.ErrorMetric;

/**
 * How far numbers were from what they should be; a missing truth (NaN) does not count.
 *
 * @param count numbers compared
 * @param squared sum of the squared errors
 * @param absolute sum of the errors without sign
 */
public record ErrorSums(long count, double squared, double absolute) implements Serializable {
  private static final ErrorMetric METRIC = new ErrorMetric(1);

  /** Of nothing. */
  public static final ErrorSums NONE = new ErrorSums(0, 0, 0);

  /**
   * Of numbers and as many predictions.
   *
   * @throws IllegalArgumentException if there are not as many of both
   */
  public static ErrorSums of(float[] truth, float[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "there are " + truth.length + " numbers but " + predicted.length + " predictions");
    }
    double[] sums = new double[METRIC.size()];
    METRIC.add(truth, predicted, sums);
    return new ErrorSums((long) sums[0], sums[1], sums[2]);
  }

  /** The sum. */
  public ErrorSums plus(ErrorSums other) {
    return new ErrorSums(count + other.count, squared + other.squared, absolute + other.absolute);
  }

  /** The root of the mean squared error; NaN without any number. */
  public double rmse() {
    return Math.sqrt(mse());
  }

  /** The mean squared error. */
  public double mse() {
    return squared / count;
  }

  /** The mean absolute error. */
  public double mae() {
    return absolute / count;
  }
}
