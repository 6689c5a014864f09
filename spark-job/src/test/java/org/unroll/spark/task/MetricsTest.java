// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.RankMetric;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;

/** Values worked out by hand or by the definition, pair by pair. */
class MetricsTest {
  private static final double TINY = 1e-12;
  private static final RankMetric RANKS = new RankMetric();

  private static final Example NO = Example.ofTokens("s", new int[1], 0);

  private static double[] ranked(double[] sums, float score, boolean positive) {
    Prediction said = prediction(new float[] {1 - score, score}, new float[0]);
    return RANKS.add(NO.withLabels(positive ? 1 : 0), said, sums);
  }

  private static Prediction prediction(float[] probabilities, float[] values) {
    return new Prediction(new int[] {0}, probabilities, values, new float[0]);
  }

  private static double area(double[] sums) {
    return RANKS.figures(sums).get("auc");
  }

  @Test
  void the_area_is_the_share_of_pairs_in_the_right_order_with_half_for_ties() {
    Random random = new Random(5);
    float[] scores = new float[300];
    boolean[] positive = new boolean[300];
    double[] whole = {};
    double[][] parts = {{}, {}};
    for (int i = 0; i < scores.length; i++) {
      positive[i] = random.nextInt(3) == 0;
      scores[i] = random.nextInt(12) + (positive[i] ? 2 : 0);
      whole = ranked(whole, scores[i], positive[i]);
      parts[i % 2] = ranked(parts[i % 2], scores[i], positive[i]);
    }
    double won = 0;
    long pairs = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (positive[i] && !positive[j]) {
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
          pairs++;
        }
      }
    }
    assertThat(area(whole)).isCloseTo(won / pairs, within(TINY));
    assertThat(area(RANKS.plus(parts[1], parts[0]))).isEqualTo(area(whole));
  }

  @Test
  void the_area_of_known_scores_is_known() {
    double[] sums = ranked(new double[0], 0.1f, false);
    sums = ranked(sums, 0.4f, false);
    sums = ranked(sums, 0.35f, true);
    sums = ranked(sums, 0.8f, true);
    assertThat(area(sums)).isEqualTo(0.75);
    double[] tied = ranked(ranked(new double[0], 0f, true), -0f, false);
    assertThat(area(tied)).isEqualTo(0.5);
    assertThat(area(new double[0])).isNaN();
  }

  /** Returns the figures of forecasts of series of one channel, whose scale is that of the data. */
  private static Map<String, Double> score(int season, float[]... pastTruthAndForecast) {
    ChannelStatistics plain =
        new ChannelStatistics(new long[] {1}, new double[] {0}, new double[] {1});
    int horizon = pastTruthAndForecast[1].length;
    ForecastMetric metric = new ForecastMetric(horizon, plain);
    double[] sums = new double[metric.size()];
    for (int i = 0; i < pastTruthAndForecast.length; i += 3) {
      float[] past = pastTruthAndForecast[i];
      float[] series = Arrays.copyOf(past, past.length + horizon);
      System.arraycopy(pastTruthAndForecast[i + 1], 0, series, past.length, horizon);
      SequenceRow row =
          new SequenceRow(new RowKey(0, i), "s", new String[0][], series, 1, null, null, null);
      double[] reference = ForecastMetric.reference(row, past.length, season);
      Prediction said = prediction(new float[0], pastTruthAndForecast[i + 2]);
      sums = metric.add(NO.withReference(reference), said, sums);
    }
    return metric.figures(sums);
  }

  @Test
  void the_scaled_error_divides_by_the_seasonal_error_of_the_past() {
    // Changes over a season of 2: |3-1|, |5-2|, |4-3| with mean 2; forecasts miss by 1 and 3.
    float[] past = {1, 2, 3, 5, 4};
    float[] truth = {6, 7};
    float[] forecast = {5, 10};
    Map<String, Double> figures = score(2, past, truth, forecast);
    assertThat(figures).containsEntry("mase", 1.0);
    // Repeating 4, 4 misses by 2 and 3; repeating 5, 4 by 1 and 3.
    assertThat(figures).containsEntry("naive_mase", 1.25);
    assertThat(figures).containsEntry("seasonal_mase", 1.0);
    assertThat(figures.get("rmse")).isCloseTo(Math.sqrt(5), within(TINY));

    // A series that never changes has no scale, but its errors count.
    Map<String, Double> both = score(2, past, truth, forecast, new float[] {2, 2, 2}, truth, truth);
    assertThat(both).containsEntry("mase", 1.0);
    assertThat(both.get("rmse")).isCloseTo(Math.sqrt(2.5), within(TINY));
  }

  @Test
  void repeating_a_season_looks_further_back_for_what_is_missing() {
    float nan = Float.NaN;
    assertThat(ForecastMetric.repeat(new float[] {1, 2, 3, 4, nan, 6}, 3, 5))
        .containsExactly(4, 2, 6, 4, 2);
    assertThat(ForecastMetric.repeat(new float[] {7, nan, 3}, 2, 4)).containsExactly(3, 3, 3, 3);
    assertThat(ForecastMetric.repeat(new float[] {nan, 5, nan}, 3, 3)).containsExactly(5, 5, 5);
    assertThat(ForecastMetric.scale(new float[] {1, nan, 4, 6}, 1)).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ForecastMetric.repeat(new float[] {nan}, 1, 1));
  }
}
