// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.train.ScheduleSpec.Kind;

class LearningRateTest {
  private static final int WINDOWS = 10;

  private static ScheduleSpec.LearningRate rate(ScheduleSpec spec, int epochs) {
    return spec.new LearningRate(2, (long) epochs * WINDOWS);
  }

  private static Window window(int epoch, int index) {
    return new Window(epoch, index, (long) epoch * WINDOWS + index);
  }

  /** The rates of the first windows of {@code epochs} epochs; all windows of each agree. */
  private static double[] byEpoch(ScheduleSpec spec, int epochs) {
    ScheduleSpec.LearningRate rate = rate(spec, epochs);
    double[] rates = new double[epochs];
    for (int e = 0; e < epochs; e++) {
      rates[e] = rate.at(window(e, 0));
      assertThat(rate.at(window(e, WINDOWS - 1))).isEqualTo(rates[e]);
    }
    return rates;
  }

  @Test
  void constant_stays() {
    assertThat(byEpoch(ScheduleSpec.CONSTANT, 3)).containsExactly(2, 2, 2);
  }

  @Test
  void step_falls_every_few_epochs_as_in_pytorch() {
    ScheduleSpec spec = new ScheduleSpec(Kind.STEP, 0.5, 2, 0, 0);
    assertThat(byEpoch(spec, 6)).containsExactly(2, 2, 1, 1, 0.5, 0.5);
  }

  @Test
  void step_can_keep_the_full_rate_for_longer() {
    ScheduleSpec spec = new ScheduleSpec(Kind.STEP, 0.5, 2, 3, 0);
    assertThat(byEpoch(spec, 8)).containsExactly(2, 2, 2, 1, 1, 0.5, 0.5, 0.25);
  }

  @Test
  void exponential_falls_every_epoch_as_in_pytorch() {
    ScheduleSpec spec = new ScheduleSpec(Kind.EXPONENTIAL, 0.5, 1, 0, 0);
    assertThat(byEpoch(spec, 4)).containsExactly(2, 1, 0.5, 0.25);
  }

  @Test
  void exponential_after_four_epochs_is_the_recipe_of_zaremba() {
    ScheduleSpec spec = new ScheduleSpec(Kind.EXPONENTIAL, 0.5, 1, 4, 0);
    assertThat(byEpoch(spec, 6)).containsExactly(2, 2, 2, 2, 1, 0.5);
  }

  @Test
  void cosine_falls_to_its_fraction_along_half_a_wave() {
    ScheduleSpec.LearningRate rate = rate(new ScheduleSpec(Kind.COSINE, 0.1, 1, 0, 0), 4);
    assertThat(rate.at(window(0, 0))).isEqualTo(2);
    assertThat(rate.at(window(2, 0))).isCloseTo(1.1, within(1e-12));
    IntToDoubleFunction formula = s -> 0.2 + 0.9 * (1 + Math.cos(Math.PI * s / 40));
    for (int step = 0; step < 40; step++) {
      assertThat(rate.at(window(step / WINDOWS, step % WINDOWS)))
          .isCloseTo(formula.applyAsDouble(step), within(1e-12));
    }
    assertThat(rate.at(window(4, 0))).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void warm_up_rises_to_the_rate_of_the_rule() {
    ScheduleSpec.LearningRate rate = rate(new ScheduleSpec(Kind.CONSTANT, 1, 1, 0, 4), 4);
    assertThat(rate.at(window(0, 0))).isEqualTo(0.5);
    assertThat(rate.at(window(0, 1))).isEqualTo(1);
    assertThat(rate.at(window(0, 3))).isEqualTo(2);
    assertThat(rate.at(window(0, 4))).isEqualTo(2);
  }

  @Test
  void cosine_begins_behind_the_warm_up() {
    ScheduleSpec.LearningRate rate = rate(new ScheduleSpec(Kind.COSINE, 0, 1, 0, 20), 4);
    assertThat(rate.at(window(2, 0))).isEqualTo(2);
    assertThat(rate.at(window(3, 0))).isCloseTo(1, within(1e-12));
    assertThat(rate.at(window(4, 0))).isCloseTo(0, within(1e-12));
  }

  @Test
  void plateau_falls_when_nothing_got_better_for_long_enough() {
    ScheduleSpec.LearningRate rate = rate(new ScheduleSpec(Kind.PLATEAU, 0.5, 2, 0, 0), 9);
    double[] losses = {3, 2, 2.5, 1.9, 1.9, 2, 2, 2, 1};
    double[] rates = {2, 2, 2, 2, 2, 2, 1, 1, 0.5};
    for (int e = 0; e < losses.length; e++) {
      assertThat(rate.at(window(e, 0))).as("epoch %d", e).isEqualTo(rates[e]);
      rate.observe(losses[e]);
    }
  }
}
