// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.train.TrainResult.Ending;
import org.unroll.rnn.train.TrainSpec.StateMode;

class TrainerTest {
  private static final Network MODEL = model(false);
  private static final int SIZE = MODEL.layout().size();

  private static Network model(boolean learnedState) {
    return TestNetworks.language(5, 3, CellType.RNN_TANH, 1, 4, true, 0, false, learnedState);
  }

  private static TrainResult fit(Specs specs, Rounds rounds) {
    return new Trainer(MODEL, specs.build()).fit(rounds, new float[SIZE]);
  }

  @Test
  void rounds_are_numbered_through_epochs_and_updates_follow_the_mean_gradient() {
    Scripted rounds = new Scripted(3, SIZE);
    TrainResult result = fit(Specs.train().epochs(2), rounds);
    assertThat(rounds.asked)
        .containsExactly(
            new Window(0, 0, 0),
            new Window(0, 1, 1),
            new Window(0, 2, 2),
            new Window(1, 0, 3),
            new Window(1, 1, 4),
            new Window(1, 2, 5));
    assertThat(result.rounds()).isEqualTo(6);
    assertThat(result.epochs()).extracting(EpochMetrics::epoch).containsExactly(1, 2);
    assertThat(result.epochs()).extracting(EpochMetrics::step).containsExactly(3L, 6L);
    assertThat(result.epochs()).extracting(EpochMetrics::train).containsOnly(new Loss(90, 30));
    assertThat(result.epochs()).extracting(EpochMetrics::valid).containsOnlyNulls();
    assertThat(result.epochs().get(0).gradientNorm()).isCloseTo(Math.sqrt(SIZE), within(1e-6));
    assertThat(result.bestEpoch()).isEqualTo(1); // the training loss never got better
    assertThat((double) result.params()[0]).isCloseTo(-0.3, within(1e-6));
  }

  @Test
  void the_parameters_of_the_best_epoch_are_kept_and_tested() {
    Scripted rounds = new Scripted(2, SIZE, 3, 2, 2, 2.5);
    TrainResult result = fit(Specs.train().epochs(4), rounds);
    assertThat(result.bestEpoch()).isEqualTo(2);
    assertThat(result.params()).isEqualTo(rounds.validated.get(1));
    assertThat(rounds.tested).hasSize(1);
    assertThat(rounds.tested.get(0)).isEqualTo(result.params());
    assertThat(result.test()).isEqualTo(new Loss(7, 2));
    assertThat(result.epochs()).hasSize(4);
  }

  @Test
  void patience_ends_a_training_that_brings_nothing_better() {
    Scripted rounds = new Scripted(1, SIZE, 3, 2, 2.1, 1.9, 1.9, 2, 1);
    TrainResult result = fit(Specs.train().epochs(7).patience(2), rounds);
    assertThat(result.epochs()).hasSize(6);
    assertThat(result.ending()).isEqualTo(Ending.PATIENCE);
    assertThat(result.bestEpoch()).isEqualTo(4);
  }

  @Test
  void steps_may_run_out_in_the_middle_of_an_epoch() {
    Scripted rounds = new Scripted(3, SIZE, 3, 2);
    TrainResult result = fit(Specs.train().epochs(4).maxSteps(5), rounds);
    assertThat(rounds.asked).hasSize(5).endsWith(new Window(1, 0, 3), new Window(1, 1, 4));
    assertThat(result.ending()).isEqualTo(Ending.MAX_STEPS);
    assertThat(result.rounds()).isEqualTo(5);
    assertThat(result.epochs()).extracting(EpochMetrics::step).containsExactly(3L, 5L);
    EpochMetrics part = result.epochs().get(1);
    assertThat(part.epoch()).isEqualTo(2);
    assertThat(part.train()).isEqualTo(new Loss(60, 20));
    assertThat(part.gradientNorm()).isCloseTo(Math.sqrt(SIZE), within(1e-6));
    assertThat(result.bestEpoch()).isEqualTo(2);
    assertThat(result.params()).isEqualTo(rounds.validated.get(1));
    assertThat(rounds.tested).hasSize(1);
  }

  @Test
  void steps_that_run_out_with_an_epoch_or_with_the_training_leave_no_part_of_one() {
    TrainResult whole = fit(Specs.train().epochs(4).maxSteps(6), new Scripted(3, SIZE));
    assertThat(whole.ending()).isEqualTo(Ending.MAX_STEPS);
    assertThat(whole.epochs()).extracting(EpochMetrics::step).containsExactly(3L, 6L);
    TrainResult all = fit(Specs.train().epochs(2).maxSteps(6), new Scripted(3, SIZE));
    assertThat(all.ending()).isEqualTo(Ending.EPOCHS);
    assertThat(all.epochs()).hasSize(2);
  }

  @Test
  void fewer_steps_are_the_first_ones_of_the_whole_training() {
    ScheduleSpec cosine = new ScheduleSpec(ScheduleSpec.Kind.COSINE, 0, 1, 0, 0);
    List<Double> rates = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void round(RoundMetrics round) {
            rates.add(round.lr());
          }
        };
    Specs specs = Specs.train().epochs(3).schedule(cosine);
    new Trainer(MODEL, specs.build()).fit(new Scripted(4, SIZE), null, listener);
    List<Double> expected = List.copyOf(rates);
    rates.clear();
    new Trainer(MODEL, specs.maxSteps(7).build()).fit(new Scripted(4, SIZE), null, listener);
    assertThat(rates).isEqualTo(expected.subList(0, 7));
  }

  @Test
  void a_plateau_lowers_the_rate() {
    Scripted rounds = new Scripted(1, SIZE, 3, 3, 3, 3);
    ScheduleSpec plateau = new ScheduleSpec(ScheduleSpec.Kind.PLATEAU, 0.5, 1, 0, 0);
    TrainResult result = fit(Specs.train().epochs(4).schedule(plateau), rounds);
    assertThat(result.epochs()).extracting(EpochMetrics::lr).containsExactly(0.1, 0.1, 0.05, 0.025);
  }

  @Test
  void the_norm_is_reported_before_it_is_clipped() {
    Scripted rounds = new Scripted(1, SIZE);
    TrainResult result = fit(Specs.train().clipNorm(0.5), rounds);
    assertThat(result.epochs().get(0).gradientNorm()).isCloseTo(Math.sqrt(SIZE), within(1e-6));
    double step = 0.1 * 0.5 / Math.sqrt(SIZE);
    assertThat((double) result.params()[SIZE - 1]).isCloseTo(-step, within(1e-6));
  }

  @Test
  void listeners_hear_everything_in_order() {
    List<String> heard = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void started(int windows, float[] params) {
            heard.add("started " + windows + " " + params.length);
          }

          @Override
          public void round(RoundMetrics m) {
            heard.add("round " + m.epoch() + "." + m.window() + "/" + m.windows() + " " + m.step());
          }

          @Override
          public void epoch(EpochMetrics m, boolean best, float[] params) {
            heard.add("epoch " + m.epoch() + " " + best);
          }
        };
    new Trainer(MODEL, Specs.train().epochs(2).build())
        .fit(new Scripted(2, SIZE, 2, 3), null, listener);
    assertThat(heard)
        .containsExactly(
            "started 2 " + SIZE,
            "round 1.1/2 1",
            "round 1.2/2 2",
            "epoch 1 true",
            "round 2.1/2 3",
            "round 2.2/2 4",
            "epoch 2 false");
  }

  @Test
  void given_parameters_are_not_changed_and_missing_ones_are_drawn() {
    float[] initial = new float[SIZE];
    TrainSpec spec = Specs.train().seed(9).build();
    Trainer trainer = new Trainer(MODEL, spec);
    trainer.fit(new Scripted(1, SIZE), initial);
    assertThat(initial).containsOnly(0);

    Scripted still = new Scripted(1, SIZE);
    still.gradient = 0;
    assertThat(trainer.fit(still, null).params())
        .isEqualTo(Initializer.draw(MODEL, spec.init(), 9));
  }

  @Test
  void numbers_gone_wrong_stop_the_training_and_say_where() {
    Scripted nanLoss = new Scripted(4, SIZE);
    nanLoss.trainLoss = Double.NaN;
    assertThatThrownBy(() -> fit(Specs.train(), nanLoss))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("step 1 (epoch 1, window 1 of 4)")
        .hasMessageContaining("loss NaN")
        .hasMessageContaining("learning rate 0.1");

    Scripted infiniteGradient = new Scripted(4, SIZE);
    infiniteGradient.gradient = Float.POSITIVE_INFINITY;
    assertThatThrownBy(() -> fit(Specs.train().clipNorm(1), infiniteGradient))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("gradient norm Infinity");

    assertThatThrownBy(() -> fit(Specs.train(), new Scripted(1, SIZE, Double.NaN)))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("validation loss after epoch 1 is NaN");
  }

  @Test
  void a_loss_that_explodes_stops_the_training_while_it_is_finite() {
    Scripted high = new Scripted(2, SIZE);
    high.trainLoss = 1000;
    assertThat(fit(Specs.train(), high).rounds()).isEqualTo(2);
    Scripted exploding = new Scripted(2, SIZE);
    exploding.trainLoss = 1001;
    assertThatThrownBy(() -> fit(Specs.train(), exploding))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("step 1 (epoch 1, window 1 of 2): loss 1001.0, gradient norm");
    assertThatThrownBy(() -> fit(Specs.train(), new Scripted(1, SIZE, 1e6)))
        .hasMessageContaining("validation loss after epoch 1 is 1000000.0");
  }

  @Test
  void the_shards_to_blame_are_named() {
    Loss fine = new Loss(10, 5);
    Loss worse = new Loss(15, 5);
    Loss nan = new Loss(Double.NaN, 5);
    ShardTree.Node first = new ShardTree.Node(0, 1);
    ShardTree.Node others = new ShardTree.Node(1, 3);
    assertThat(blame(Map.of(first, fine, others, nan))).contains("loss NaN (in shards 2 to 3), ");
    assertThat(blame(Map.of(first, new Loss(1e6, 5), others, fine))).contains("(in shard 1), ");
    assertThat(blame(Map.of(first, nan, others, nan))).contains("(in all shards)");
    assertThat(blame(Map.of(first, fine, others, worse)))
        .contains("(largest in shards 2 to 3: 3.0), ");
    assertThat(blame(Map.of(first, Loss.ZERO, others, nan))).contains("(in shards 2 to 3)");
  }

  private static String blame(Map<ShardTree.Node, Loss> losses) {
    Scripted rounds = new Scripted(1, SIZE);
    rounds.trainLoss = Double.NaN;
    rounds.losses = losses;
    return catchThrowable(() -> fit(Specs.train(), rounds)).getMessage();
  }

  @Test
  void the_shard_with_bad_numbers_is_found_by_the_rounds() {
    TrainSpec spec = Specs.train().shards(2).build();
    LocalRounds rounds = new LocalRounds(MODEL, spec, Texts.hello(40), null, null);
    rounds.gradient(new Window(0, 0, 0), new float[SIZE]);
    float[] poison = rounds.states().get(1).clone();
    poison[0] = Float.NaN;
    rounds.restore(List.of(rounds.states().get(0), poison));
    rounds.gradient(new Window(0, 1, 1), Initializer.draw(MODEL, spec.init(), 1));
    assertThat(rounds.losses().get(new ShardTree.Node(0, 1)).mean()).isBetween(1.0, 3.0);
    assertThat(rounds.losses().get(new ShardTree.Node(1, 2)).mean()).isNaN();
  }

  @Test
  void nothing_to_train_on_and_wrong_sizes_are_refused() {
    assertThatThrownBy(() -> fit(Specs.train(), new Scripted(0, SIZE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to train on");
    Scripted unscored = new Scripted(1, SIZE);
    unscored.weight = 0;
    assertThatThrownBy(() -> fit(Specs.train(), unscored))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no scored token");
    Trainer trainer = new Trainer(MODEL, Specs.train().build());
    assertThatThrownBy(() -> trainer.fit(new Scripted(1, SIZE), new float[SIZE + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(SIZE))
        .hasMessageContaining(String.valueOf(SIZE + 1));
  }

  @Test
  void a_learned_state_must_exist_and_be_learned() {
    assertThatThrownBy(() -> new Trainer(MODEL, Specs.train().state(StateMode.LEARNED).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LEARNED");
    for (StateMode mode : new StateMode[] {StateMode.ZERO, StateMode.RANDOM}) {
      assertThatThrownBy(() -> new Trainer(model(true), Specs.train().state(mode).build()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(mode.name());
    }
  }

  @Test
  void the_steady_throughput_leaves_out_the_first_rounds() {
    RoundSums sums = new RoundSums();
    sums.add(round(10, 5));
    assertThat(sums.steadyPerSecond()).isEqualTo(2);
    sums.add(round(10, 3));
    sums.add(round(10, 1));
    sums.add(round(10, 0.25));
    assertThat(sums.steadyPerSecond()).isEqualTo(16);
    EpochMetrics metrics = sums.metrics(1, 4, 4, null, Double.NaN);
    assertThat(metrics.tokensPerSecond()).isEqualTo(40 / 9.25);
    assertThat(metrics.seconds()).isEqualTo(9.25);
  }

  private static RoundMetrics round(double tokens, double seconds) {
    RoundTimes times = new RoundTimes(seconds, 0, 0, 0, 0, 0, 0, 0);
    return new RoundMetrics(1, 1, 4, 1, new Loss(1, tokens), 0.1, 1, times);
  }
}
