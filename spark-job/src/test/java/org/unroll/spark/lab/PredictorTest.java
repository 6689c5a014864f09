// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.spark.lab.Predictor.Prediction;
import org.unroll.spark.lab.Predictor.Reduction;
import org.unroll.spark.lab.Predictor.Scaling;

class PredictorTest {
  private static final int PARAMETERS = 1_000_000;

  /** A millisecond a row, half of the gradient from one row, all of it from 64. */
  private static final Profile PROFILE =
      new Profile(
          PARAMETERS,
          64,
          10,
          PARAMETERS,
          2e-3,
          List.of(
              new Profile.ShardCost(1, 1e-3, 500_000),
              new Profile.ShardCost(32, 32e-3, 750_000),
              new Profile.ShardCost(64, 64e-3, 1_000_000)));

  private static final Link FREE = new Link(0, 0, 0, 0, Double.POSITIVE_INFINITY, 0);
  private static final Link LINK = new Link(1e-3, 1e-4, 1e-9, 5e-10, 1.25e9, 5e-5);

  private static Predictor strong(Link link) {
    return new Predictor(PROFILE, link, Scaling.STRONG);
  }

  @Test
  void one_executor_does_the_whole_batch() {
    Prediction one = strong(LINK).predict(Reduction.HUB, 1);
    double exchange = 1e-3 + 1e-4 + 2 * 5e-5 + 8e6 * (1e-9 + 5e-10);
    assertThat(one.exchangeSeconds()).isCloseTo(exchange, within(1e-12));
    assertThat(one.seconds()).isCloseTo(64e-3 + exchange + 2e-3, within(1e-12));
    assertThat(one.tokensPerSecond()).isCloseTo(640 / one.seconds(), within(1e-6));
  }

  @Test
  void the_hub_has_every_executors_bytes_on_its_link() {
    Prediction eight = strong(LINK).predict(Reduction.HUB, 8);
    double written = 500_000 + 7.0 / 31 * 250_000;
    double bytes = 4 * (written + PARAMETERS);
    assertThat(eight.computeSeconds()).isCloseTo(8e-3, within(1e-12));
    assertThat(eight.exchangeSeconds())
        .isCloseTo(1e-3 + 8e-4 + 1e-4 + bytes * (8 / 1.25e9), within(1e-9));
  }

  @Test
  void a_tree_has_a_level_more_for_twice_the_executors() {
    Predictor predictor = strong(LINK);
    double level = LINK.exchange(1, 4 * (500_000 + PARAMETERS));
    assertThat(predictor.predict(Reduction.TREE, 64).exchangeSeconds())
        .isGreaterThan(7 * level)
        .isLessThan(7 * LINK.exchange(1, 8.0 * PARAMETERS));
    assertThat(predictor.predict(Reduction.TREE, 1)).isEqualTo(predictor.predict(Reduction.HUB, 1));
  }

  @ParameterizedTest
  @EnumSource
  void with_nothing_to_wait_for_the_speed_up_is_that_of_the_largest_shard(Reduction reduction) {
    Profile instant = new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, PROFILE.shards());
    Predictor predictor = new Predictor(instant, FREE, Scaling.STRONG);
    Prediction one = predictor.predict(reduction, 1);
    assertThat(predictor.predict(reduction, 16).speedUp(one)).isCloseTo(16, within(1e-9));
    // 64 rows on 24 executors: some have three.
    assertThat(predictor.predict(reduction, 24).speedUp(one)).isCloseTo(64 / 3.0, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void a_better_network_is_never_slower(Reduction reduction) {
    for (int executors : List.of(1, 2, 7, 64)) {
      double before = 0;
      for (double bandwidth : List.of(1e6, 1e8, 1e10, Double.POSITIVE_INFINITY)) {
        double rate =
            strong(LINK.over(bandwidth, 1e-4)).predict(reduction, executors).tokensPerSecond();
        assertThat(rate).isGreaterThanOrEqualTo(before);
        assertThat(strong(LINK.over(bandwidth, 1e-2)).predict(reduction, executors).seconds())
            .isGreaterThan(640 / rate);
        before = rate;
      }
    }
  }

  @Test
  void strong_scaling_ends_where_every_executor_has_a_stream() {
    assertThat(strong(LINK).most(1024)).isEqualTo(64);
    assertThat(strong(LINK).all(Reduction.HUB, 1024)).hasSize(64);
  }

  @Test
  void weak_scaling_multiplies_the_batch() {
    Predictor predictor = new Predictor(PROFILE, FREE, Scaling.WEAK);
    List<Prediction> all = predictor.all(Reduction.HUB, 1000);
    assertThat(all).hasSize(1000);
    assertThat(all.get(999).speedUp(all.get(0))).isCloseTo(1000, within(1e-6));
    assertThat(all.get(999).tokens()).isEqualTo(640_000);
  }

  @Test
  void in_the_end_a_tree_beats_the_hub() {
    Predictor predictor = new Predictor(PROFILE, LINK, Scaling.WEAK);
    Prediction hub = predictor.predict(Reduction.HUB, 1024);
    assertThat(predictor.predict(Reduction.TREE, 1024).seconds()).isLessThan(hub.seconds() / 10);
  }

  @Test
  void sums_of_more_rows_are_never_larger_than_the_model() {
    assertThat(PROFILE.written(48)).isCloseTo(875_000, within(1e-6));
    assertThat(PROFILE.written(1L << 40)).isEqualTo(PARAMETERS);
  }

  @Test
  void parameters_that_stay_as_they_are_do_not_go_back() {
    Link perByte = new Link(0, 0, 0, 1e-9, Double.POSITIVE_INFINITY, 0);
    Profile sparse = new Profile(PARAMETERS, 64, 10, 600_000, 0, PROFILE.shards());
    double sums = 2 * 750_000;
    assertThat(
            new Predictor(sparse, perByte, Scaling.STRONG)
                .predict(Reduction.HUB, 2)
                .exchangeSeconds())
        .isCloseTo(4 * (sums + 2 * 600_000) * 1e-9, within(1e-12));
    // Two batches change twice as many, but not more than there are.
    assertThat(
            new Predictor(sparse, perByte, Scaling.WEAK)
                .predict(Reduction.HUB, 2)
                .exchangeSeconds())
        .isCloseTo(4 * (2 * 1_000_000 + 2 * 1_000_000) * 1e-9, within(1e-12));
  }

  @Test
  void the_fastest_and_the_last_that_are_worthwhile() {
    Profile ideal = new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, PROFILE.shards());
    Link messages = new Link(0, 1.6e-3, 0, 0, Double.POSITIVE_INFINITY, 0);
    List<Prediction> all = new Predictor(ideal, messages, Scaling.STRONG).all(Reduction.HUB, 64);
    // Milliseconds of 1 and 4 to 8 executors: 65.6, 22.4, 21, 20.6, 21.2, 20.8.
    assertThat(Predictor.fastest(all).executors()).isEqualTo(6);
    assertThat(Predictor.worthwhile(all).executors()).isEqualTo(5);
  }

  @Test
  void steps_without_a_gain_are_passed_over_where_the_next_makes_up_for_them() {
    Predictor predictor =
        new Predictor(
            new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, PROFILE.shards()), FREE, Scaling.STRONG);
    assertThat(Predictor.worthwhile(predictor.all(Reduction.HUB, 64)).executors()).isEqualTo(64);
  }

  @Test
  void a_profile_without_the_whole_batch_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Profile(5, 8, 1, 5, 0, List.of(new Profile.ShardCost(4, 1, 5))))
        .withMessageContaining("8 rows");
  }
}
