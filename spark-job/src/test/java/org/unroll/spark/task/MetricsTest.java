// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Values worked out by hand or by the definition, pair by pair. */
class MetricsTest {
  private static final double TINY = 1e-12;

  @Test
  void the_area_is_the_share_of_pairs_in_the_right_order_with_half_for_ties() {
    Random random = new Random(5);
    float[] scores = new float[300];
    boolean[] positive = new boolean[300];
    Auc whole = new Auc();
    Auc[] parts = {new Auc(), new Auc()};
    for (int i = 0; i < scores.length; i++) {
      positive[i] = random.nextInt(3) == 0;
      scores[i] = random.nextInt(12) + (positive[i] ? 2 : 0);
      whole.add(scores[i], positive[i]);
      parts[i % 2].add(scores[i], positive[i]);
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
    parts[1].add(parts[0]);
    assertThat(whole.area()).isCloseTo(won / pairs, within(TINY));
    assertThat(parts[1].area()).isEqualTo(whole.area());
  }

  @Test
  void the_area_of_known_scores_is_known() {
    Auc auc = new Auc();
    auc.add(0.1f, false);
    auc.add(0.4f, false);
    auc.add(0.35f, true);
    auc.add(0.8f, true);
    assertThat(auc.area()).isEqualTo(0.75);
    Auc tied = new Auc();
    tied.add(0f, true);
    tied.add(-0f, false);
    assertThat(tied.area()).isEqualTo(0.5);
    assertThat(new Auc().area()).isNaN();
    assertThatIllegalArgumentException().isThrownBy(() -> tied.add(Float.NaN, true));
  }

  @Test
  void errors_of_numbers_are_roots_of_means_and_leave_missing_ones_out() {
    ErrorSums sums =
        ErrorSums.of(new float[] {3, -0.5f, 2, 7}, new float[] {2.5f, 0, 2, 8})
            .plus(ErrorSums.of(new float[] {Float.NaN}, new float[] {100}));
    assertThat(sums.count()).isEqualTo(4);
    assertThat(sums.mse()).isEqualTo(0.375);
    assertThat(sums.rmse()).isCloseTo(Math.sqrt(0.375), within(TINY));
    assertThat(sums.mae()).isEqualTo(0.5);
    assertThat(ErrorSums.NONE.mae()).isNaN();
    assertThatIllegalArgumentException().isThrownBy(() -> ErrorSums.of(new float[2], new float[3]));
  }

  @Test
  void the_scaled_error_divides_by_the_seasonal_error_of_the_past() {
    // Changes over a season of 2: |3-1|, |5-2|, |4-3| with mean 2; forecasts miss by 1 and 3.
    float[] past = {1, 2, 3, 5, 4};
    float[] truth = {6, 7};
    ForecastScore score = ForecastScore.of(past, truth, new float[] {5, 10}, 2);
    assertThat(score.mase()).isEqualTo(1);
    // Repeating 4, 4 misses by 2 and 3; repeating 5, 4 by 1 and 3.
    assertThat(score.naiveMase()).isEqualTo(1.25);
    assertThat(score.seasonalMase()).isEqualTo(1);
    assertThat(score.model().rmse()).isCloseTo(Math.sqrt(5), within(TINY));

    ForecastScore constant = ForecastScore.of(new float[] {2, 2, 2}, truth, truth, 1);
    assertThat(constant.series()).isZero();
    ForecastScore both = score.plus(constant);
    assertThat(both.mase()).isEqualTo(1);
    assertThat(both.model().count()).isEqualTo(4);
  }

  @Test
  void repeating_a_season_looks_further_back_for_what_is_missing() {
    float nan = Float.NaN;
    assertThat(ForecastScore.repeat(new float[] {1, 2, 3, 4, nan, 6}, 3, 5))
        .containsExactly(4, 2, 6, 4, 2);
    assertThat(ForecastScore.repeat(new float[] {7, nan, 3}, 2, 4)).containsExactly(3, 3, 3, 3);
    assertThat(ForecastScore.repeat(new float[] {nan, 5, nan}, 3, 3)).containsExactly(5, 5, 5);
    assertThat(ForecastScore.scale(new float[] {1, nan, 4, 6}, 1)).isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ForecastScore.repeat(new float[] {nan}, 1, 1));
  }
}
