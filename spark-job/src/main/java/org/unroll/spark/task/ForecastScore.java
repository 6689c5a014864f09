// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;

/**
 * Forecasts beside those that need no model. The scaled error of a series is its mean absolute
 * error divided by the one that repeating the last season makes from step to step in the series'
 * own past (MASE, Hyndman and Koehler 2006): under 1 is better than that. Series whose past has no
 * two values a season apart, or never changes, have no scale and are left out of the scaled error.
 *
 * @param model errors of the forecasts
 * @param naive errors of repeating the last value
 * @param seasonal errors of repeating the last season
 * @param scaled sum of the scaled errors of the forecasts
 * @param scaledNaive likewise of repeating the last value
 * @param scaledSeasonal likewise of repeating the last season
 * @param series with a scaled error
 */
public record ForecastScore(
    ErrorSums model,
    ErrorSums naive,
    ErrorSums seasonal,
    double scaled,
    double scaledNaive,
    double scaledSeasonal,
    long series)
    implements Serializable {

  /** Of nothing. */
  public static final ForecastScore NONE =
      new ForecastScore(ErrorSums.NONE, ErrorSums.NONE, ErrorSums.NONE, 0, 0, 0, 0);

  /**
   * Of one series.
   *
   * @param past what was known, NaN where a value is missing
   * @param truth what came then, NaN where it is not known
   * @param predicted the forecast of it
   * @param season steps after which the series is expected to repeat; 1 for none
   */
  public static ForecastScore of(float[] past, float[] truth, float[] predicted, int season) {
    ErrorSums model = ErrorSums.of(truth, predicted);
    ErrorSums naive = ErrorSums.of(truth, repeat(past, 1, truth.length));
    ErrorSums seasonal = ErrorSums.of(truth, repeat(past, season, truth.length));
    double scale = scale(past, season);
    if (!(scale > 0) || model.count() == 0) {
      return new ForecastScore(model, naive, seasonal, 0, 0, 0, 0);
    }
    return new ForecastScore(
        model,
        naive,
        seasonal,
        model.mae() / scale,
        naive.mae() / scale,
        seasonal.mae() / scale,
        1);
  }

  /**
   * The forecast that repeats the last season, or with a season of 1 the last value. A value that
   * is missing is taken from the season before, and if there is none, the last value that is there.
   *
   * @throws IllegalArgumentException if the past has no value at all
   */
  public static float[] repeat(float[] past, int season, int steps) {
    if (season < 1) {
      throw new IllegalArgumentException("a season has at least 1 step but was " + season);
    }
    float last = last(past, past.length - 1, 1);
    if (Float.isNaN(last)) {
      throw new IllegalArgumentException(
          "nothing is known of the past, so nothing can be repeated");
    }
    float[] forecast = new float[steps];
    for (int h = 0; h < steps; h++) {
      float found = last(past, past.length - season + h % season, season);
      forecast[h] = Float.isNaN(found) ? last : found;
    }
    return forecast;
  }

  /** The value that is there at a place or as near as possible before it, in strides. */
  private static float last(float[] past, int from, int stride) {
    for (int t = from; t >= 0; t -= stride) {
      if (!Float.isNaN(past[t])) {
        return past[t];
      }
    }
    return Float.NaN;
  }

  /** The mean absolute change over a season in the past; NaN where there is none. */
  static double scale(float[] past, int season) {
    double sum = 0;
    long count = 0;
    for (int t = season; t < past.length; t++) {
      double change = (double) past[t] - past[t - season];
      if (!Double.isNaN(change)) {
        sum += Math.abs(change);
        count++;
      }
    }
    return sum / count;
  }

  /** The sum. */
  public ForecastScore plus(ForecastScore other) {
    return new ForecastScore(
        model.plus(other.model),
        naive.plus(other.naive),
        seasonal.plus(other.seasonal),
        scaled + other.scaled,
        scaledNaive + other.scaledNaive,
        scaledSeasonal + other.scaledSeasonal,
        series + other.series);
  }

  /** The mean scaled error of the forecasts; NaN without any series that has one. */
  public double mase() {
    return scaled / series;
  }

  /** Likewise of repeating the last value. */
  public double naiveMase() {
    return scaledNaive / series;
  }

  /** Likewise of repeating the last season. */
  public double seasonalMase() {
    return scaledSeasonal / series;
  }
}
