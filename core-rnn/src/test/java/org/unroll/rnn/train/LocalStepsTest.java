// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;

/** Steps that shards make by themselves, and the average of what comes of them. */
class LocalStepsTest {
  private static final int SHARDS = 3;
  private static final int[] TEXT = Texts.language(260, 1);
  private static final Network NETWORK =
      TestNetworks.language(7, 6, CellType.LSTM, 1, 8, true, 0.2, false, false);

  private static Specs specs() {
    return Specs.train().shards(SHARDS).batch(6).window(5).epochs(2).clipNorm(0.5);
  }

  private static LocalRounds rounds(TrainSpec spec, int[] valid) {
    return new LocalRounds(NETWORK, spec, TEXT, valid, valid);
  }

  private static TrainResult fit(TrainSpec spec) {
    return new Trainer(NETWORK, spec).fit(rounds(spec, null), null);
  }

  /** One shard has nothing to be averaged with, so its steps are those of any training. */
  @ParameterizedTest
  @EnumSource
  void steps_of_a_single_shard_are_those_of_a_training_without(OptimizerSpec.Kind kind) {
    Specs specs =
        specs()
            .shards(1)
            .optimizer(kind, 0.02)
            .penalty(new PenaltySpec(0.001, 0.01, false))
            .schedule(new ScheduleSpec(ScheduleSpec.Kind.STEP, 0.5, 1, 0, 3));
    TrainResult plain = fit(specs.build());
    // An epoch has 9 windows, so that the last round is shorter than the others.
    assertThat(plain.rounds()).isEqualTo(2 * 9);
    TrainResult local = fit(specs.round(new RoundSpec(1, 4)).build());
    assertThat(local.rounds()).isEqualTo(2 * 3);
    // Dropout and the warm-up count steps by rounds, of which the first epoch has whole ones alone.
    EpochMetrics expected = plain.epochs().get(0);
    EpochMetrics found = local.epochs().get(0);
    assertThat(found.train().weight()).isEqualTo(expected.train().weight());
    assertThat(found.train().mean()).isCloseTo(expected.train().mean(), within(1e-5));
  }

  /** Trains shard by shard with nothing but whole trainings of one shard each. */
  @Test
  void parameters_and_moments_are_averaged_by_what_was_scored() {
    for (OptimizerSpec.Kind kind :
        new OptimizerSpec.Kind[] {OptimizerSpec.Kind.SGD, OptimizerSpec.Kind.ADAM}) {
      TrainSpec spec = specs().optimizer(kind, 0.05).round(new RoundSpec(2, 3)).build();
      float[] params = Initializer.draw(NETWORK, spec.init(), 1);
      int moments = kind.moments().size();
      int floats = spec.round().floats(params.length, spec.optimizer());
      assertThat(floats).isEqualTo((1 + moments) * params.length);
      float[] start = Arrays.copyOf(params, floats);
      Window round = new Window(0, 0, 0);
      WeightedSum sum = rounds(spec, null).gradient(round, start);

      double[] expected = new double[floats];
      double all = 0;
      for (int shard = 0; shard < SHARDS; shard++) {
        NetworkLearner learner = network(spec);
        UpdateStep update = new UpdateStep(spec, NETWORK.layout(), new Team(1));
        float[] own = params.clone();
        double scored = 0;
        for (int step = 0; step < 3; step++) {
          WeightedSum gradient = new WeightedSum(own.length);
          learner.load(own);
          learner.add(shard, new Window(0, 2 * step, 2 * step), gradient);
          learner.add(shard, new Window(0, 2 * step + 1, 2 * step + 1), gradient);
          double norm = update.takeMean(gradient, own);
          update.apply(own, norm, 0.05);
          scored += gradient.loss().weight();
        }
        all += scored;
        List<float[]> parts = new ArrayList<>(List.of(own));
        parts.addAll(update.optimizer().moments().values());
        for (int p = 0; p < parts.size(); p++) {
          for (int i = 0; i < own.length; i++) {
            expected[p * own.length + i] += scored * parts.get(p)[i];
          }
        }
      }
      assertThat(sum.loss().weight()).isEqualTo(all);
      AverageStep average = new AverageStep(params.length, kind.moments(), new Team(2));
      double norm = average.takeMean(sum, start);
      average.apply(start, norm, 0.05);
      double moved = 0;
      for (int i = 0; i < floats; i++) {
        assertThat((double) start[i]).isCloseTo(expected[i] / all, within(1e-6));
        moved += i < params.length ? Math.pow(start[i] - params[i], 2) : 0;
      }
      assertThat(norm).isCloseTo(Math.sqrt(moved), within(1e-4 * norm));
    }
  }

  private static NetworkLearner network(TrainSpec spec) {
    Map<Split, int[]> texts = Map.of(Split.TRAIN, TEXT);
    return new NetworkLearner(NETWORK, spec, Streams.source(spec, 0, SHARDS, texts), null, 1);
  }

  @Test
  void what_no_step_changes_is_not_sent() {
    TrainSpec spec = specs().round(new RoundSpec(1, 2)).build();
    Network wide = TestNetworks.language(900, 300, CellType.GRU, 1, 8, false, 0, false, false);
    LocalRounds rounds = new LocalRounds(wide, spec, TEXT, null, null);
    float[] start = Initializer.draw(wide, spec.init(), 1);
    Gradient sent = rounds.gradient(new Window(0, 0, 0), start).parts();
    int unknown = wide.layout().get("embedding.weight").offset() + 800 * 300;
    assertThat(sent.nextWritten(0)).isZero();
    assertThat(sent.nextWritten((unknown / Gradient.BLOCK + 1) * Gradient.BLOCK))
        .isGreaterThan(unknown + 90 * 300);
  }

  @Test
  void an_average_of_squares_is_not_negative() {
    AverageStep average = new AverageStep(2, OptimizerSpec.Kind.ADAM.moments(), new Team(1));
    float[] vector = {1, 1, 1, 1, 1e-9f, 1};
    WeightedSum sum = new WeightedSum(6);
    float[] differences = {1, 2, 3, 4, 2e-9f, 0.5f};
    System.arraycopy(differences, 0, sum.parts().dense(), 0, 6);
    sum.add(new Loss(1, 1));
    average.apply(vector, average.takeMean(sum, vector), 1);
    assertThat(vector).containsExactly(0, -1, -2, -3, 0, 0.5f);
  }

  /** The names by which the moments travel are those that the rules give them. */
  @ParameterizedTest
  @EnumSource
  void moments_are_known_by_name(OptimizerSpec.Kind kind) {
    assertThat(Optimizer.create(OptimizerSpec.of(kind, 1), 3).moments().keySet())
        .containsExactlyElementsOf(kind.moments());
  }

  @Test
  void a_rate_that_follows_from_evaluations_is_refused() {
    ScheduleSpec plateau = new ScheduleSpec(ScheduleSpec.Kind.PLATEAU, 0.5, 1, 0, 0);
    Specs specs = specs().schedule(plateau);
    assertThat(specs.round(new RoundSpec(3, 1)).build().schedule()).isEqualTo(plateau);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> specs.round(new RoundSpec(1, 2)).build())
        .withMessageContaining("which local-steps do not see");
  }
}
