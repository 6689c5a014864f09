// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.rows.SequenceRow;

/** Forecasts of the last steps of series, channel by channel, beside those that need no model. */
final class SeriesScore extends TaskScore {
  private static final long serialVersionUID = 1L;

  private final Forecast task;
  private ForecastScore sum = ForecastScore.NONE;

  SeriesScore(Forecast task) {
    this.task = task;
  }

  @Override
  void add(SequenceRow row, SequenceExample example, Prediction said, RowEncoder encoder) {
    int channels = encoder.channels();
    int end = row.steps() - task.horizon();
    float[] forecast = task.unscaled(said, encoder);
    for (int c = 0; c < channels; c++) {
      float[] past = channel(row.features(), c, channels, 0, end);
      if (isKnown(past)) {
        float[] truth = channel(row.features(), c, channels, end, row.steps());
        float[] predicted = channel(forecast, c, channels, 0, task.horizon());
        sum = sum.plus(ForecastScore.of(past, truth, predicted, task.season()));
      }
    }
  }

  private static boolean isKnown(float[] past) {
    for (float value : past) {
      if (!Float.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  private static float[] channel(float[] values, int c, int channels, int from, int to) {
    float[] own = new float[to - from];
    for (int t = from; t < to; t++) {
      own[t - from] = values[t * channels + c];
    }
    return own;
  }

  @Override
  void add(TaskScore other) {
    sum = sum.plus(((SeriesScore) other).sum);
  }

  @Override
  Map<String, Object> figures(double loss) {
    return figures();
  }

  private Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("mase", sum.mase());
    figures.put("rmse", sum.model().rmse());
    figures.put("mae", sum.model().mae());
    figures.put("naive_mase", sum.naiveMase());
    figures.put("naive_rmse", sum.naive().rmse());
    figures.put("naive_mae", sum.naive().mae());
    figures.put("seasonal_mase", sum.seasonalMase());
    figures.put("seasonal_rmse", sum.seasonal().rmse());
    figures.put("seasonal_mae", sum.seasonal().mae());
    return figures;
  }

  @Override
  List<Report.Table> tables() {
    Map<String, Object> f = figures();
    return List.of(
        new Report.Table(
            "Forecasts",
            List.of("forecast", "MASE", "RMSE", "MAE"),
            List.of(
                row("model", f, ""),
                row("the last value again", f, "naive_"),
                row("the last season again", f, "seasonal_"))));
  }

  private static List<String> row(String name, Map<String, Object> f, String prefix) {
    return List.of(
        name,
        known((double) f.get(prefix + "mase")),
        known((double) f.get(prefix + "rmse")),
        known((double) f.get(prefix + "mae")));
  }

  /** There is no MASE where all seasons are alike. */
  private static String known(double error) {
    return Double.isNaN(error) ? "–" : Figures.significant(error);
  }
}
