// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import java.io.Serializable;

/**
 * How far numbers were from what they should be; a missing truth (NaN) does not count.
 *
 * @param count numbers compared
 * @param squared sum of the squared errors
 * @param absolute sum of the errors without sign
 */
public record ErrorSums(long count, double squared, double absolute) implements Serializable {
  /** Of nothing. */
  public static final ErrorSums NONE = new ErrorSums(0, 0, 0);

  /** Of one number. */
  public static ErrorSums of(double truth, double predicted) {
    if (Double.isNaN(truth)) {
      return NONE;
    }
    double error = predicted - truth;
    return new ErrorSums(1, error * error, Math.abs(error));
  }

  /**
   * Of as many numbers.
   *
   * @throws IllegalArgumentException if there are not as many of both
   */
  public static ErrorSums of(float[] truth, float[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "there are " + truth.length + " numbers but " + predicted.length + " predictions");
    }
    ErrorSums sums = NONE;
    for (int i = 0; i < truth.length; i++) {
      sums = sums.plus(of(truth[i], predicted[i]));
    }
    return sums;
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
