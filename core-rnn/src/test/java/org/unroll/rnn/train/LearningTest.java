// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.train.TrainSpec.StateMode;

class LearningTest {
  /** The loss that is left of "hello" for a model without a state: after an l comes l or o. */
  private static final double WITHOUT_STATE = 0.4 * Math.log(2);

  private static Network model(CellType cell, int vocabulary, double dropout) {
    return TestNetworks.language(vocabulary, 6, cell, 1, 8, true, dropout, false, false);
  }

  private static TrainResult fit(Network model, Specs specs, int[] train, int[] valid) {
    TrainSpec spec = specs.build();
    try (Rounds rounds = new LocalRounds(model, spec, train, valid, null)) {
      return new Trainer(model, spec).fit(rounds, null);
    }
  }

  private static double lastLoss(TrainResult result) {
    return result.epochs().get(result.epochs().size() - 1).train().mean();
  }

  @ParameterizedTest
  @EnumSource(CellType.class)
  void every_cell_learns_to_write_hello(CellType cell) {
    Specs specs =
        Specs.train().epochs(40).window(10).optimizer(OptimizerSpec.Kind.ADAM, 0.02).clipNorm(5);
    TrainResult result = fit(model(cell, 4, 0), specs, Texts.hello(40), Texts.hello(8));
    assertThat(lastLoss(result)).isLessThan(0.05);
    assertThat(result.epochs().get(result.bestEpoch() - 1).valid().mean()).isLessThan(0.2);
  }

  @ParameterizedTest
  @EnumSource(OptimizerSpec.Kind.class)
  void every_optimiser_learns_to_write_hello(OptimizerSpec.Kind kind) {
    double lr =
        switch (kind) {
          case SGD -> 2;
          case MOMENTUM -> 0.3;
          case ADAGRAD -> 0.1;
          case RMSPROP, ADAM, ADAMW -> 0.02;
        };
    Specs specs = Specs.train().epochs(40).window(10).optimizer(kind, lr).clipNorm(5);
    TrainResult result = fit(model(CellType.GRU, 4, 0), specs, Texts.hello(40), null);
    assertThat(lastLoss(result)).isLessThan(0.1);
  }

  @Test
  void a_carried_state_remembers_what_lies_before_the_window() {
    Specs specs =
        Specs.train().epochs(40).window(1).optimizer(OptimizerSpec.Kind.ADAM, 0.02).clipNorm(5);
    Network model = model(CellType.LSTM, 4, 0);
    assertThat(lastLoss(fit(model, specs.state(StateMode.CARRY), Texts.hello(40), null)))
        .isLessThan(WITHOUT_STATE / 2);
    assertThat(lastLoss(fit(model, specs.state(StateMode.ZERO), Texts.hello(40), null)))
        .isBetween(WITHOUT_STATE * 0.95, WITHOUT_STATE * 1.2);
  }

  @Test
  void a_random_state_is_noise_that_a_longer_window_forgets() {
    Specs specs =
        Specs.train()
            .epochs(40)
            .window(20)
            .state(StateMode.RANDOM)
            .optimizer(OptimizerSpec.Kind.ADAM, 0.02);
    TrainResult result = fit(model(CellType.GRU, 4, 0), specs, Texts.hello(40), null);
    assertThat(lastLoss(result)).isLessThan(WITHOUT_STATE);
  }

  @Test
  void a_narrow_tied_model_learns_with_every_dropout() {
    Specs specs =
        Specs.train().epochs(60).window(10).optimizer(OptimizerSpec.Kind.ADAM, 0.02).clipNorm(5);
    Network network = TestNetworks.merity(4, CellType.LSTM, false);
    TrainResult result = fit(network, specs, Texts.hello(60), Texts.hello(8));
    assertThat(result.epochs().get(result.bestEpoch() - 1).valid().mean())
        .isLessThan(WITHOUT_STATE / 2);
  }

  @Test
  void a_learned_state_is_learnt() {
    Network model = TestNetworks.language(4, 6, CellType.GRU, 1, 8, true, 0, false, true);
    // Every window begins in the middle of the double l, which only the initial state can tell.
    int[] tokens = Texts.hello(41);
    int[] fromSecondL = Arrays.copyOfRange(tokens, 3, 3 + 4 * 10 * 5 + 1);
    Specs specs =
        Specs.train()
            .epochs(60)
            .window(5)
            .state(StateMode.LEARNED)
            .optimizer(OptimizerSpec.Kind.ADAM, 0.02);
    TrainResult result = fit(model, specs, fromSecondL, null);
    assertThat(lastLoss(result)).isLessThan(0.05);
    Param state = model.layout().get(Network.INITIAL_STATE);
    double squares = 0;
    for (int i = state.offset(); i < state.end(); i++) {
      squares += result.params()[i] * result.params()[i];
    }
    assertThat(Math.sqrt(squares)).isGreaterThan(0.1);
  }

  @ParameterizedTest
  @EnumSource(
      value = StateMode.class,
      names = {"CARRY", "ZERO"})
  void shards_change_the_sums_by_rounding_only(StateMode state) {
    List<Double> losses = new ArrayList<>();
    for (int shards : new int[] {1, 2, 4, 5}) {
      Specs specs =
          Specs.train()
              .batch(5)
              .window(7)
              .epochs(3)
              .shards(shards)
              .state(state)
              .optimizer(OptimizerSpec.Kind.ADAM, 0.01)
              .clipNorm(1)
              .evalBatch(3);
      TrainResult result =
          fit(model(CellType.LSTM, 7, 0), specs, Texts.language(503, 1), Texts.language(101, 2));
      EpochMetrics last = result.epochs().get(2);
      assertThat(last.train().weight()).isEqualTo(502);
      assertThat(last.valid().weight()).isEqualTo(100);
      losses.add(last.train().mean());
      losses.add(last.valid().mean());
    }
    for (int i = 2; i < losses.size(); i++) {
      assertThat(losses.get(i)).isCloseTo(losses.get(i % 2), within(1e-4));
    }
  }

  /** Several learners in this thread, their shards in some order, their sums in some other. */
  private static final class ShuffledRounds extends BareRounds {
    private final int size;
    private final TrainSpec spec;
    private final Random random;
    private final int windows;

    /** The learner that has each shard. */
    private final List<Learner> hosts = new ArrayList<>();

    ShuffledRounds(Network network, TrainSpec spec, int[] train, int workers, long seed) {
      this.size = network.layout().size();
      this.spec = spec;
      this.random = new Random(seed);
      this.windows = spec.plan(Split.TRAIN, train.length).windows();
      for (int w = 0; w < workers; w++) {
        int first = ShardTree.firstShard(w, workers, spec.shards());
        int end = ShardTree.firstShard(w + 1, workers, spec.shards());
        StreamSource source = Streams.source(spec, first, end, Map.of(Split.TRAIN, train));
        Learner learner = new NetworkLearner(network, spec, source, null, 1);
        hosts.addAll(Collections.nCopies(end - first, learner));
      }
    }

    @Override
    public int windows() {
      return windows;
    }

    @Override
    public WeightedSum gradient(Window window, float[] params) {
      List<Integer> order = new ArrayList<>();
      for (int shard = 0; shard < spec.shards(); shard++) {
        order.add(shard);
      }
      Collections.shuffle(order, random);
      ShardTree tree = ShardTree.whole(spec.shards(), size, Wire.FP32);
      for (int shard : order) {
        Learner host = hosts.get(shard);
        host.load(params);
        WeightedSum sum = new WeightedSum(size);
        host.gradient(shard, window, sum);
        tree.add(ShardTree.Node.of(shard), sum);
      }
      return tree.total();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void any_number_of_workers_trains_the_same_bits(int workers) {
    Network model =
        workers == 3 ? TestNetworks.merity(7, CellType.GRU, false) : model(CellType.LSTM, 7, 0.3);
    TrainSpec spec =
        Specs.train()
            .batch(6)
            .shards(4)
            .epochs(2)
            .state(workers % 2 == 0 ? StateMode.CARRY : StateMode.RANDOM)
            .optimizer(OptimizerSpec.Kind.ADAM, 0.01)
            .clipNorm(1)
            .build();
    int[] train = Texts.language(331, 3);
    Trainer trainer = new Trainer(model, spec);
    float[] expected = trainer.fit(new LocalRounds(model, spec, train, null, null), null).params();
    Rounds shuffled = new ShuffledRounds(model, spec, train, workers, workers);
    assertThat(trainer.fit(shuffled, null).params()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 9, 17})
  void data_smaller_than_shards_batch_and_window_are_used_in_full(int tokens) {
    Specs specs = Specs.train().batch(16).shards(8).window(4).epochs(2).evalBatch(5);
    TrainResult result =
        fit(model(CellType.GRU, 7, 0), specs, Texts.language(tokens, 6), Texts.language(2, 7));
    for (EpochMetrics epoch : result.epochs()) {
      assertThat(epoch.train().weight()).isEqualTo(tokens - 1);
      assertThat(epoch.valid().weight()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void data_without_a_pair_is_refused(int tokens) {
    assertThatThrownBy(
            () -> fit(model(CellType.GRU, 7, 0), Specs.train(), Texts.language(tokens, 8), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to train on");
  }

  @Test
  void the_same_seed_gives_the_same_bits_and_another_seed_others() {
    Network model = model(CellType.LSTM, 7, 0.5);
    int[] train = Texts.language(300, 9);
    float[] first = fit(model, Specs.train().seed(1), train, null).params();
    assertThat(fit(model, Specs.train().seed(1), train, null).params()).isEqualTo(first);
    assertThat(fit(model, Specs.train().seed(2), train, null).params()).isNotEqualTo(first);
  }

  @Test
  void a_rate_out_of_all_reason_is_reported_as_divergence() {
    Specs specs = Specs.train().epochs(20).optimizer(OptimizerSpec.Kind.SGD, 1e30);
    assertThatThrownBy(
            () -> fit(model(CellType.RNN_RELU, 7, 0), specs, Texts.language(300, 10), null))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("learning rate 1.0E30");
  }
}
