// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.SequenceRow;

/**
 * Forecasts of series are measured channel by channel, in the numbers of the series, beside those
 * that need no model. The scaled error of a series is its mean absolute error divided by the one
 * that repeating the last season makes from step to step in the series' own past (MASE, Hyndman and
 * Koehler 2006): under 1 is better than that. Series whose past has no two values a season apart,
 * or never changes, have no scale and are left out of the scaled error; those of which nothing is
 * known are left out of all.
 *
 * <p>The sums are the errors of each of three forecasts (how many, squared, absolute), their scaled
 * errors, and the series that have one.
 *
 * @param horizon H, the steps that are forecast
 * @param statistics by which forecasts are scaled
 */
record ForecastMetric(int horizon, ChannelStatistics statistics) implements Metric {
  private static final List<String> FORECASTS = List.of("", "naive_", "seasonal_");
  private static final Errors ERRORS = new Errors(1);
  private static final int SCALED = 9;
  private static final int SERIES = 12;

  /**
   * Returns what a forecast of a row is compared with: of every channel the scale, or NaN, and H
   * numbers each of the truth, of the last value again and of the last season again.
   *
   * @param end where the past ends
   * @param season steps after which a series is expected to repeat; 1 for none
   */
  static double[] reference(SequenceRow row, int end, int season) {
    int channels = row.channels();
    int horizon = row.steps() - end;
    int width = 1 + 3 * horizon;
    double[] reference = new double[channels * width];
    Arrays.fill(reference, Double.NaN);
    for (int c = 0; c < channels; c++) {
      float[] past = channel(row.features(), c, channels, 0, end);
      if (Float.isNaN(last(past, past.length - 1, 1))) {
        continue;
      }
      int at = c * width;
      reference[at++] = scale(past, season);
      float[] truth = channel(row.features(), c, channels, end, row.steps());
      for (float[] numbers :
          List.of(truth, repeat(past, 1, horizon), repeat(past, season, horizon))) {
        for (float number : numbers) {
          reference[at++] = number;
        }
      }
    }
    return reference;
  }

  private static float[] channel(float[] values, int c, int channels, int from, int to) {
    float[] own = new float[to - from];
    for (int t = from; t < to; t++) {
      own[t - from] = values[t * channels + c];
    }
    return own;
  }

  /**
   * Returns the forecast that repeats the last season, or with a season of 1 the last value. A
   * value that is missing is taken from the season before, and if there is none, the last value
   * that is there.
   *
   * @throws IllegalArgumentException if the past has no value at all
   */
  static float[] repeat(float[] past, int season, int steps) {
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

  /** Returns the value that is there at a place or as near as possible before it, in strides. */
  private static float last(float[] past, int from, int stride) {
    for (int t = from; t >= 0; t -= stride) {
      if (!Float.isNaN(past[t])) {
        return past[t];
      }
    }
    return Float.NaN;
  }

  /** Returns the mean absolute change over a season in the past; NaN where there is none. */
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

  @Override
  public int size() {
    return SERIES + 1;
  }

  @Override
  public double[] add(Example example, Prediction prediction, double[] sums) {
    float[] forecast = prediction.values().clone();
    statistics.unscale(forecast);
    double[] reference = example.reference();
    int width = 1 + 3 * horizon;
    int channels = reference.length / width;
    for (int c = 0; c < channels; c++) {
      int at = c * width;
      // Of a channel whose past is not known nothing was repeated.
      if (!Double.isNaN(reference[at + 1 + horizon])) {
        add(channel(forecast, c, channels, 0, horizon), reference, at, sums);
      }
    }
    return sums;
  }

  private void add(float[] forecast, double[] reference, int at, double[] sums) {
    float[] truth = floats(reference, at + 1);
    float[][] forecasts = {
      forecast, floats(reference, at + 1 + horizon), floats(reference, at + 1 + 2 * horizon)
    };
    double scale = reference[at];
    for (int f = 0; f < forecasts.length; f++) {
      double[] errors = new double[ERRORS.size()];
      ERRORS.add(truth, forecasts[f], errors);
      for (int i = 0; i < errors.length; i++) {
        sums[errors.length * f + i] += errors[i];
      }
      if (scale > 0 && errors[0] > 0) {
        sums[SCALED + f] += errors[2] / errors[0] / scale;
        sums[SERIES] += f == 0 ? 1 : 0;
      }
    }
  }

  private float[] floats(double[] from, int at) {
    float[] values = new float[horizon];
    for (int h = 0; h < horizon; h++) {
      values[h] = (float) from[at + h];
    }
    return values;
  }

  @Override
  public Loss error(double[] sums) {
    return new Loss(sums[1], sums[0]);
  }

  /**
   * Returns {@code mase}, {@code rmse} and {@code mae} of the model and of both other forecasts.
   */
  @Override
  public Map<String, Double> figures(double[] sums) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (int f = 0; f < FORECASTS.size(); f++) {
      int at = ERRORS.size() * f;
      figures.put(FORECASTS.get(f) + "mase", sums[SCALED + f] / sums[SERIES]);
      figures.put(FORECASTS.get(f) + "rmse", Math.sqrt(sums[at + 1] / sums[at]));
      figures.put(FORECASTS.get(f) + "mae", sums[at + 2] / sums[at]);
    }
    return figures;
  }

  static Report.Table table(Map<String, Double> figures) {
    return new Report.Table(
        "Forecasts",
        List.of("forecast", "MASE", "RMSE", "MAE"),
        List.of(
            row("model", figures, FORECASTS.get(0)),
            row("the last value again", figures, FORECASTS.get(1)),
            row("the last season again", figures, FORECASTS.get(2))));
  }

  private static List<String> row(String name, Map<String, Double> figures, String prefix) {
    return List.of(
        name,
        known(figures.get(prefix + "mase")),
        known(figures.get(prefix + "rmse")),
        known(figures.get(prefix + "mae")));
  }

  /** Returns an error in words; there is no scaled one where all seasons are alike. */
  private static String known(double error) {
    return Double.isNaN(error) ? "–" : Figures.significant(error);
  }
}
