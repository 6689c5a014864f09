// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

class MeanGradientTest {
  /** Several blocks long, with parameters that begin and end inside of them. */
  private static final ParamLayout LAYOUT =
      TestNetworks.language(97, 33, CellType.LSTM, 2, 41, true, 0, false, true).layout();

  private static TrainSpec spec(PenaltySpec penalty, double clipValue) {
    return Specs.train().penalty(penalty).clipValue(clipValue).build();
  }

  private static float[] gaussian(long seed, double scale) {
    Random random = new Random(seed);
    float[] values = new float[LAYOUT.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  @Test
  void a_sum_becomes_a_mean_and_its_norm() {
    float[] gradient = gaussian(1, 100);
    float[] sum = gradient.clone();
    UpdateStep mean = new UpdateStep(spec(PenaltySpec.NONE, 0), LAYOUT, new Team(1));
    double norm = mean.takeMean(new Gradient(gradient), 50, gaussian(2, 1));
    double squares = 0;
    for (int i = 0; i < sum.length; i++) {
      float element = gradient[i] * mean.factor(norm);
      assertThat((double) element).isCloseTo(sum[i] / 50.0, within(1e-5));
      squares += (double) element * element;
    }
    assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-9 * norm));
  }

  /** Several runs of blocks that count: one at the beginning, one alone, and the last. */
  private static Gradient sparse() {
    Gradient gradient = new Gradient(LAYOUT.size());
    Arrays.fill(gradient.dense(), 1e9f);
    gradient.clear();
    float[] values = gaussian(4, 100);
    int size = LAYOUT.size();
    for (int[] range : new int[][] {{0, 700}, {1500, 1501}, {4096, 5120}, {size - 3, size}}) {
      gradient.addTo(range[0], range[1]);
      System.arraycopy(values, range[0], gradient.values(), range[0], range[1] - range[0]);
    }
    return gradient;
  }

  /** Returns the same numbers with the zeros written. */
  private static Gradient written(Gradient sparse) {
    Gradient copy = new Gradient(LAYOUT.size());
    copy.add(sparse);
    return new Gradient(copy.dense());
  }

  @Test
  void what_does_not_count_is_the_same_as_written_zeros() {
    for (TrainSpec spec :
        new TrainSpec[] {
          spec(PenaltySpec.NONE, 0),
          spec(new PenaltySpec(0.03, 0.04, true), 0),
          spec(PenaltySpec.NONE, 0.7),
          Specs.train().clipNorm(0.5).build()
        }) {
      float[] params = gaussian(3, 1);
      Gradient sparse = sparse();
      Gradient written = written(sparse);
      UpdateStep mean = new UpdateStep(spec, LAYOUT, new Team(1));
      UpdateStep twin = new UpdateStep(spec, LAYOUT, new Team(1));
      double norm = mean.takeMean(sparse, 50, params);
      assertThat(norm).isEqualTo(twin.takeMean(written, 50, params)).isPositive();
      assertThat(mean.factor(norm)).isEqualTo(twin.factor(norm));
      assertThat(sparse.dense()).containsExactly(written.dense());
    }
  }

  @Test
  void without_penalties_and_limits_of_values_what_does_not_count_is_not_touched() {
    Gradient sparse = sparse();
    int first = sparse.endOfWritten(0);
    new UpdateStep(spec(PenaltySpec.NONE, 0), LAYOUT, new Team(1))
        .takeMean(sparse, 50, gaussian(3, 1));
    assertThat(sparse.endOfWritten(0)).isEqualTo(first).isEqualTo(768);
    assertThat(sparse.nextWritten(first)).isEqualTo(1280);
  }

  @Test
  void the_factor_divides_by_the_weight_and_clips_the_mean() {
    float[] gradient = new float[LAYOUT.size()];
    gradient[7] = -30;
    gradient[4000] = 40;
    UpdateStep mean = new UpdateStep(Specs.train().clipNorm(2).build(), LAYOUT, new Team(1));
    double norm = mean.takeMean(new Gradient(gradient), 8, gradient.clone());
    assertThat(norm).isCloseTo(50 / 8.0, within(1e-6));
    assertThat((double) mean.factor(norm)).isCloseTo(2 / 50.0, within(1e-7));
    assertThat(mean.factor(1)).isEqualTo(0.125f);

    UpdateStep limited = new UpdateStep(spec(PenaltySpec.NONE, 100), LAYOUT, new Team(1));
    norm = limited.takeMean(new Gradient(gradient), 8, gradient.clone());
    assertThat(norm).isCloseTo(50 / 8.0, within(1e-6));
    assertThat(limited.factor(norm)).as("the mean is in the gradient already").isEqualTo(1);
  }

  @Test
  void penalties_have_the_gradient_of_their_value() {
    for (PenaltySpec penalty :
        new PenaltySpec[] {
          new PenaltySpec(0.01, 0, false),
          new PenaltySpec(0, 0.02, false),
          new PenaltySpec(0.03, 0.04, false),
          new PenaltySpec(0.03, 0.04, true)
        }) {
      float[] params = gaussian(3, 1);
      float[] gradient = new float[params.length];
      new UpdateStep(spec(penalty, 0), LAYOUT, new Team(1))
          .takeMean(new Gradient(gradient), 8, params);
      for (Param param : LAYOUT.params()) {
        for (int i = param.offset(); i < param.end(); i++) {
          double step = Math.min(1e-3, Math.abs(params[i]) / 2);
          double difference =
              (value(penalty, param, params[i] + step) - value(penalty, param, params[i] - step))
                  / (2 * step);
          assertThat((double) gradient[i])
              .as("%s of %s", penalty, param.name())
              .isCloseTo(difference, within(1e-6));
        }
      }
    }
  }

  /** Returns what one element adds to the loss. */
  private static double value(PenaltySpec penalty, Param param, double w) {
    boolean applies =
        switch (param.role()) {
          case RECURRENT_WEIGHT -> true;
          case EMBEDDING, INPUT_WEIGHT, OUTPUT_WEIGHT -> !penalty.recurrentOnly();
          case INPUT_BIAS, RECURRENT_BIAS, OUTPUT_BIAS, INITIAL_STATE, SCALE, SHIFT -> false;
        };
    return applies ? penalty.l1() * Math.abs(w) + penalty.l2() * w * w / 2 : 0;
  }

  @Test
  void an_l1_penalty_leaves_zeros_alone() {
    float[] gradient = new float[LAYOUT.size()];
    new UpdateStep(spec(new PenaltySpec(1, 1, false), 0), LAYOUT, new Team(1))
        .takeMean(new Gradient(gradient), 1, new float[LAYOUT.size()]);
    assertThat(gradient).containsOnly(0);
  }

  @Test
  void values_are_clipped_after_penalties_and_before_the_norm() {
    Param recurrent =
        LAYOUT.params().stream()
            .filter(p -> p.role() == Param.Role.RECURRENT_WEIGHT)
            .findFirst()
            .orElseThrow();
    float[] params = new float[LAYOUT.size()];
    params[recurrent.offset()] = 100;
    float[] gradient = new float[LAYOUT.size()];
    gradient[0] = -8;
    double norm =
        new UpdateStep(spec(new PenaltySpec(0, 1, true), 0.5), LAYOUT, new Team(1))
            .takeMean(new Gradient(gradient), 2, params);
    assertThat(gradient[0]).isEqualTo(-0.5f);
    assertThat(gradient[recurrent.offset()]).isEqualTo(0.5f);
    assertThat(norm).isCloseTo(Math.sqrt(0.5), within(1e-12));
  }

  @Test
  void numbers_that_went_wrong_show_in_the_norm() {
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] gradient = new float[LAYOUT.size()];
      gradient[gradient.length - 1] = wrong;
      double norm =
          new UpdateStep(spec(PenaltySpec.NONE, 0), LAYOUT, new Team(1))
              .takeMean(new Gradient(gradient), 1, gradient.clone());
      assertThat(Double.isFinite(norm)).isFalse();
    }
  }

  @Test
  void squares_do_not_overflow() {
    float[] gradient = new float[LAYOUT.size()];
    gradient[5] = 3e30f;
    gradient[4999] = 4e30f;
    double norm =
        new UpdateStep(spec(PenaltySpec.NONE, 0), LAYOUT, new Team(1))
            .takeMean(new Gradient(gradient), 1, gradient.clone());
    assertThat(norm).isCloseTo(5e30, within(1e24));
  }

  @Test
  void a_norm_at_the_limit_is_clipped_by_the_little_that_pytorch_adds() {
    assertThat(factor(1e-3, 1e-3)).isEqualTo((float) (1e-3 / (1e-3 + 1e-6)));
    assertThat(factor(1e-3, 5e-4)).isEqualTo(1);
    assertThat(factor(1e-3, 0)).isEqualTo(1);
    assertThat(factor(0, 1e9)).isEqualTo(1);
  }

  private static float factor(double limit, double norm) {
    TrainSpec spec = Specs.train().clipNorm(limit).build();
    UpdateStep mean = new UpdateStep(spec, LAYOUT, new Team(1));
    mean.takeMean(new Gradient(LAYOUT.size()), 1, new float[LAYOUT.size()]);
    return mean.factor(norm);
  }
}
