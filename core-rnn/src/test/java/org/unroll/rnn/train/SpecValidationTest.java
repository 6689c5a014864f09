// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SpecValidationTest {

  private static void assertRefused(ThrowingCallable call, String option, String value) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(option + " ")
        .hasMessageContaining(value);
  }

  private static OptimizerSpec optimizer(
      double lr, double momentum, double alpha, double beta, double epsilon, double decay) {
    return new OptimizerSpec(
        OptimizerSpec.Kind.ADAMW, lr, momentum, false, alpha, beta, beta, epsilon, decay);
  }

  @Test
  void training_options_are_checked() {
    assertThatCode(() -> Specs.train().build()).doesNotThrowAnyException();
    assertRefused(() -> Specs.train().batch(0).build(), "batch", "0");
    assertRefused(() -> Specs.train().window(-3).build(), "window", "-3");
    assertRefused(() -> Specs.train().epochs(0).build(), "epochs", "0");
    assertRefused(() -> Specs.train().shards(0).build(), "shards", "0");
    assertRefused(() -> Specs.train().clipNorm(-1).build(), "clip-norm", "-1.0");
    assertRefused(() -> Specs.train().clipValue(Double.NaN).build(), "clip-value", "NaN");
    assertRefused(() -> Specs.train().patience(-1).build(), "patience", "-1");
    assertRefused(() -> Specs.train().evalBatch(0).build(), "eval-batch", "0");
    assertRefused(() -> Specs.train().maxSteps(-1).build(), "max-steps", "-1");
    assertRefused(() -> Specs.train().state(null).build(), "state", "missing");
  }

  @Test
  void optimiser_options_are_checked() {
    assertThatCode(() -> optimizer(0.1, 0, 0, 0, 1e-8, 0)).doesNotThrowAnyException();
    assertRefused(() -> optimizer(0, 0, 0, 0, 1e-8, 0), "lr", "0.0");
    assertRefused(() -> optimizer(Double.POSITIVE_INFINITY, 0, 0, 0, 1, 0), "lr", "Infinity");
    assertRefused(() -> optimizer(0.1, 1, 0, 0, 1e-8, 0), "momentum", "1.0");
    assertRefused(() -> optimizer(0.1, 0, -0.5, 0, 1e-8, 0), "alpha", "-0.5");
    assertRefused(() -> optimizer(0.1, 0, 0, Double.NaN, 1e-8, 0), "beta1", "NaN");
    assertRefused(() -> optimizer(0.1, 0, 0, 0, 0, 0), "epsilon", "0.0");
    assertRefused(() -> optimizer(0.1, 0, 0, 0, 1e-8, -1), "weight-decay", "-1.0");
    assertRefused(
        () -> new OptimizerSpec(OptimizerSpec.Kind.SGD, 1, 0.9, true, 0, 0, 0, 1, 0),
        "nesterov",
        "SGD");
    assertRefused(
        () -> new OptimizerSpec(OptimizerSpec.Kind.MOMENTUM, 1, 0, true, 0, 0, 0, 1, 0),
        "nesterov",
        "0");
  }

  @Test
  void schedules_penalties_and_initialisers_are_checked() {
    ScheduleSpec.Kind step = ScheduleSpec.Kind.STEP;
    assertRefused(() -> new ScheduleSpec(step, 0, 1, 0, 0), "lr-factor", "0.0");
    assertRefused(() -> new ScheduleSpec(step, 1.5, 1, 0, 0), "lr-factor", "1.5");
    assertRefused(() -> new ScheduleSpec(step, 0.5, 0, 0, 0), "lr-every", "0");
    assertRefused(() -> new ScheduleSpec(step, 0.5, 1, -1, 0), "lr-after", "-1");
    assertRefused(() -> new ScheduleSpec(step, 0.5, 1, 0, -1), "warmup", "-1");
    assertThatCode(() -> new ScheduleSpec(ScheduleSpec.Kind.COSINE, 0, 1, 0, 0))
        .doesNotThrowAnyException();
    assertRefused(() -> new PenaltySpec(-1, 0, false), "l1", "-1.0");
    assertRefused(() -> new PenaltySpec(0, Double.NaN, false), "l2", "NaN");
    InitSpec.Kind uniform = InitSpec.Kind.UNIFORM;
    assertRefused(() -> new InitSpec(uniform, 0, false, 0), "init-range", "0.0");
    assertRefused(
        () -> new InitSpec(uniform, 1, false, Double.NEGATIVE_INFINITY), "forget-bias", "-Inf");
  }
}
