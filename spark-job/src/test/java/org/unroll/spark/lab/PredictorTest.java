// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.lab.Predictor.Prediction;
import org.unroll.spark.lab.Predictor.Scaling;
import org.unroll.spark.lab.Predictor.Way;
import org.unroll.spark.rounds.SumKind;

class PredictorTest {
  private static final int PARAMETERS = 1_000_000;

  private static final OptimizerSpec ADAM = OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.1);
  private static final Way HUB = Way.of(SumKind.DRIVER);
  private static final Way SHARED = Way.of(SumKind.SHARED);

  /** A millisecond a row, half of the gradient from one row, all of it from 64. */
  private static final Profile PROFILE =
      new Profile(
          PARAMETERS,
          64,
          10,
          PARAMETERS,
          2e-3,
          ADAM,
          Wire.FP32,
          List.of(
              new Profile.ShardCost(1, 1e-3, 500_000),
              new Profile.ShardCost(32, 32e-3, 750_000),
              new Profile.ShardCost(64, 64e-3, 1_000_000)));

  private static final Link FREE = new Link(0, 0, 0, 0, 0, Double.POSITIVE_INFINITY, 0);
  private static final Link LINK = new Link(1e-3, 1e-4, 1e-9, 5e-10, 2e-9, 1.25e9, 5e-5);

  private static Predictor strong(Link link) {
    return new Predictor(PROFILE, link, Scaling.STRONG);
  }

  @Test
  void one_executor_does_the_whole_batch() {
    Prediction one = strong(LINK).predict(HUB, 1);
    double exchange = 1e-3 + 1e-4 + 2 * 5e-5 + 8e6 * (1e-9 + 5e-10);
    assertThat(one.exchangeSeconds()).isCloseTo(exchange, within(1e-12));
    assertThat(one.seconds()).isCloseTo(64e-3 + exchange + 2e-3, within(1e-12));
    assertThat(one.tokensPerSecond()).isCloseTo(640 / one.seconds(), within(1e-6));
  }

  @Test
  void the_hub_has_every_executors_bytes_on_its_link() {
    Prediction eight = strong(LINK).predict(HUB, 8);
    double written = 500_000 + 7.0 / 31 * 250_000;
    double bytes = 4 * (written + PARAMETERS);
    assertThat(eight.computeSeconds()).isCloseTo(8e-3, within(1e-12));
    assertThat(eight.exchangeSeconds())
        .isCloseTo(1e-3 + 8e-4 + 1e-4 + bytes * (8 / 1.25e9), within(1e-9));
  }

  @Test
  void the_driver_has_one_gradient_whatever_the_number_of_executors_that_share_sums() {
    Prediction eight = strong(LINK).predict(SHARED, 8);
    double each = 4 * (500_000 + 7.0 / 31 * 250_000 + PARAMETERS);
    assertThat(eight.driverBytes()).isEqualTo(8.0 * PARAMETERS);
    // Its link is slower than its work, and theirs faster.
    assertThat(eight.exchangeSeconds())
        .isCloseTo(1e-3 + 8e-4 + 4 * 5e-5 + 8e6 / 1.25e9 + 7 / 8.0 * each * 2e-9, within(1e-9));
    assertThat(strong(LINK).predict(SHARED, 64).driverBytes()).isEqualTo(8.0 * PARAMETERS);
    assertThat(strong(LINK).predict(HUB, 8).driverBytes()).isCloseTo(8 * each, within(1e-3));
    assertThat(strong(LINK).predict(SHARED, 1)).isEqualTo(strong(LINK).predict(HUB, 1));
  }

  @Test
  void a_vector_of_one_slice_is_the_drivers() {
    Profile small =
        new Profile(
            30_000,
            64,
            10,
            30_000,
            0,
            ADAM,
            Wire.FP32,
            List.of(new Profile.ShardCost(64, 1, 30_000)));
    Predictor predictor = new Predictor(small, LINK, Scaling.STRONG);
    assertThat(predictor.predict(SHARED, 8)).isEqualTo(predictor.predict(HUB, 8));
  }

  @Test
  void accumulated_windows_are_computed_for_one_exchange_and_one_update() {
    Way four = new Way(SumKind.DRIVER, new RoundSpec(4, 1));
    Prediction one = strong(LINK).predict(HUB, 1);
    Prediction found = strong(LINK).predict(four, 1);
    assertThat(found.tokens()).isEqualTo(4 * one.tokens());
    assertThat(found.computeSeconds()).isCloseTo(4 * one.computeSeconds(), within(1e-12));
    assertThat(found.exchangeSeconds()).isCloseTo(one.exchangeSeconds(), within(1e-12));
    assertThat(found.updateSeconds()).isEqualTo(one.updateSeconds());
  }

  @Test
  void local_steps_have_updates_of_executors_and_moments_on_their_way() {
    Prediction one = strong(FREE).predict(SHARED, 4);
    Prediction found = strong(FREE).predict(new Way(SumKind.SHARED, new RoundSpec(1, 8)), 4);
    assertThat(found.tokens()).isEqualTo(8 * one.tokens());
    assertThat(found.computeSeconds()).isCloseTo(8 * (one.computeSeconds() + 2e-3), within(1e-12));
    assertThat(found.driverBytes()).isEqualTo(3 * 8.0 * PARAMETERS);
  }

  @Test
  void floats_of_16_bits_are_half_the_bytes() {
    Profile half =
        new Profile(PARAMETERS, 64, 10, PARAMETERS, 2e-3, ADAM, Wire.BF16, PROFILE.shards());
    Predictor predictor = new Predictor(half, LINK, Scaling.STRONG);
    assertThat(predictor.predict(HUB, 8).driverBytes())
        .isCloseTo(strong(LINK).predict(HUB, 8).driverBytes() / 2, within(1e-3));
  }

  @Test
  void executors_of_one_machine_share_its_cores() {
    Predictor together = new Predictor(PROFILE, FREE, Scaling.STRONG, 2);
    assertThat(together.predict(HUB, 2).computeSeconds()).isCloseTo(32e-3, within(1e-12));
    assertThat(together.predict(HUB, 8).computeSeconds()).isCloseTo(4 * 8e-3, within(1e-12));
  }

  @ParameterizedTest
  @EnumSource(names = {"DRIVER", "SHARED"})
  void with_nothing_to_wait_for_the_speed_up_is_that_of_the_largest_shard(SumKind sum) {
    Way reduction = Way.of(sum);
    Profile instant =
        new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, ADAM, Wire.FP32, PROFILE.shards());
    Predictor predictor = new Predictor(instant, FREE, Scaling.STRONG);
    Prediction one = predictor.predict(reduction, 1);
    assertThat(predictor.predict(reduction, 16).speedUp(one)).isCloseTo(16, within(1e-9));
    // 64 rows on 24 executors: some have three.
    assertThat(predictor.predict(reduction, 24).speedUp(one)).isCloseTo(64 / 3.0, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource(names = {"DRIVER", "SHARED"})
  void a_better_network_is_never_slower(SumKind sum) {
    Way reduction = Way.of(sum);
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
    assertThat(strong(LINK).all(HUB, 1024)).hasSize(64);
  }

  @Test
  void weak_scaling_multiplies_the_batch() {
    Predictor predictor = new Predictor(PROFILE, FREE, Scaling.WEAK);
    List<Prediction> all = predictor.all(HUB, 1000);
    assertThat(all).hasSize(1000);
    assertThat(all.get(999).speedUp(all.get(0))).isCloseTo(1000, within(1e-6));
    assertThat(all.get(999).tokens()).isEqualTo(640_000);
  }

  @Test
  void in_the_end_shared_sums_beat_the_drivers() {
    Predictor predictor = new Predictor(PROFILE, LINK, Scaling.WEAK);
    Prediction hub = predictor.predict(HUB, 1024);
    assertThat(predictor.predict(SHARED, 1024).seconds()).isLessThan(hub.seconds() / 10);
  }

  @Test
  void sums_of_more_rows_are_never_larger_than_the_model() {
    assertThat(PROFILE.written(48)).isCloseTo(875_000, within(1e-6));
    assertThat(PROFILE.written(1L << 40)).isEqualTo(PARAMETERS);
  }

  @Test
  void parameters_that_stay_as_they_are_do_not_go_back() {
    Link perByte = new Link(0, 0, 0, 1e-9, 0, Double.POSITIVE_INFINITY, 0);
    Profile sparse = new Profile(PARAMETERS, 64, 10, 600_000, 0, ADAM, Wire.FP32, PROFILE.shards());
    double sums = 2 * 750_000;
    assertThat(new Predictor(sparse, perByte, Scaling.STRONG).predict(HUB, 2).exchangeSeconds())
        .isCloseTo(4 * (sums + 2 * 600_000) * 1e-9, within(1e-12));
    // Two batches change twice as many, but not more than there are.
    assertThat(new Predictor(sparse, perByte, Scaling.WEAK).predict(HUB, 2).exchangeSeconds())
        .isCloseTo(4 * (2 * 1_000_000 + 2 * 1_000_000) * 1e-9, within(1e-12));
  }

  @Test
  void the_fastest_and_the_last_that_are_worthwhile() {
    Profile ideal =
        new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, ADAM, Wire.FP32, PROFILE.shards());
    Link messages = new Link(0, 1.6e-3, 0, 0, 0, Double.POSITIVE_INFINITY, 0);
    List<Prediction> all = new Predictor(ideal, messages, Scaling.STRONG).all(HUB, 64);
    // Milliseconds of 1 and 4 to 8 executors: 65.6, 22.4, 21, 20.6, 21.2, 20.8.
    assertThat(Predictor.fastest(all).executors()).isEqualTo(6);
    assertThat(Predictor.worthwhile(all).executors()).isEqualTo(5);
  }

  @Test
  void steps_without_a_gain_are_passed_over_where_the_next_makes_up_for_them() {
    Predictor predictor =
        new Predictor(
            new Profile(PARAMETERS, 64, 10, PARAMETERS, 0, ADAM, Wire.FP32, PROFILE.shards()),
            FREE,
            Scaling.STRONG);
    assertThat(Predictor.worthwhile(predictor.all(HUB, 64)).executors()).isEqualTo(64);
  }

  @Test
  void a_profile_without_the_whole_batch_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Profile(
                    5, 8, 1, 5, 0, ADAM, Wire.FP32, List.of(new Profile.ShardCost(4, 1, 5))))
        .withMessageContaining("8 rows");
  }
}
