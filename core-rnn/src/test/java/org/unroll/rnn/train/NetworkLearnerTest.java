// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.train.TrainSpec.StateMode;

/** A learner of streams, and of the state that they carry. */
class NetworkLearnerTest {

  private static Network network(double dropout, boolean learnedState) {
    return TestNetworks.language(7, 6, CellType.LSTM, 2, 8, true, dropout, false, learnedState);
  }

  private static NetworkLearner learner(
      Network network, TrainSpec spec, float[] params, Map<Split, int[]> texts) {
    StreamSource source = Streams.source(spec, 0, spec.shards(), texts);
    NetworkLearner learner = new NetworkLearner(network, spec, source, null, 1);
    learner.load(params);
    return learner;
  }

  private static WeightedSum gradient(Learner learner, int shard, Window window, int size) {
    WeightedSum sum = new WeightedSum(size);
    learner.gradient(shard, window, sum);
    return sum;
  }

  @Test
  void a_state_is_carried_through_all_windows_and_fresh_in_every_epoch() {
    Network network = network(0, false);
    TrainSpec spec = Specs.train().window(5).build();
    // Rows of 19 and 20 pairs, so that one ends before the other.
    int[] train = Texts.language(79, 1);
    StreamPlan plan = spec.plan(Split.TRAIN, train.length);
    float[] params = Initializer.draw(network, spec.init(), 1);
    NetworkLearner learner = learner(network, spec, params, Map.of(Split.TRAIN, train));

    Pass pass = new Pass(network);
    pass.load(params);
    StreamBatcher windows = Streams.cut(plan, 0, train);
    Batch batch = Batch.ofStreams();
    assertThat(plan.windows()).isEqualTo(4);
    for (int epoch = 0; epoch < 2; epoch++) {
      float[] state = new float[network.stateSize(plan.maxRows())];
      for (int i = 0; i < plan.windows(); i++) {
        Gradient expected = new Gradient(params.length);
        windows.fill(i, batch);
        Loss loss = pass.train(batch, state, null, 0, expected);
        WeightedSum sum = gradient(learner, 0, new Window(epoch, i, i), params.length);
        assertThat(sum.loss()).isEqualTo(loss);
        assertThat(sum.parts().dense()).isEqualTo(expected.dense());
        assertThat(learner.state(0)).isEqualTo(state);
      }
    }
  }

  @Test
  void a_window_in_which_all_streams_have_ended_adds_nothing() {
    Network network = network(0, true);
    TrainSpec spec = Specs.train().batch(2).shards(2).window(2).build();
    int[] train = Texts.language(6, 1); // rows of 2 and 3 pairs
    float[] params = Initializer.draw(network, spec.init(), 1);
    NetworkLearner learner = learner(network, spec, params, Map.of(Split.TRAIN, train));
    gradient(learner, 0, new Window(0, 0, 0), params.length);
    float[] state = learner.state(0).clone();
    WeightedSum sum = gradient(learner, 0, new Window(0, 1, 1), params.length);
    assertThat(sum.loss()).isEqualTo(Loss.ZERO);
    assertThat(sum.parts().nextWritten(0)).isEqualTo(params.length);
    assertThat(learner.state(0)).isEqualTo(state);
    assertThat(gradient(learner, 1, new Window(0, 1, 1), params.length).loss().weight())
        .isEqualTo(1);
  }

  @Test
  void dropout_and_random_states_differ_by_step_shard_and_seed_and_by_nothing_else() {
    for (boolean dropout : new boolean[] {true, false}) {
      Network network = network(dropout ? 0.5 : 0, false);
      Specs specs = Specs.train().shards(2).state(dropout ? StateMode.ZERO : StateMode.RANDOM);
      // Two shards of the same tokens.
      int[] half = Texts.language(40, 2);
      int[] train = Arrays.copyOf(half, 81);
      System.arraycopy(half, 0, train, 40, 40);
      train[80] = train[40];
      float[] params = Initializer.draw(network, specs.build().init(), 1);
      Map<Split, int[]> texts = Map.of(Split.TRAIN, train);
      NetworkLearner learner = learner(network, specs.build(), params, texts);
      NetworkLearner seeded = learner(network, specs.seed(2).build(), params, texts);
      int size = params.length;

      float[] first = gradient(learner, 0, new Window(0, 0, 0), size).parts().dense();
      assertThat(gradient(learner, 0, new Window(3, 0, 0), size).parts().dense()).isEqualTo(first);
      assertThat(gradient(learner, 0, new Window(0, 0, 1), size).parts().dense())
          .isNotEqualTo(first);
      assertThat(gradient(learner, 1, new Window(0, 0, 0), size).parts().dense())
          .isNotEqualTo(first);
      assertThat(gradient(seeded, 0, new Window(0, 0, 0), size).parts().dense())
          .isNotEqualTo(first);
    }
  }

  @Test
  void sums_are_added_to_what_is_there() {
    Network network = network(0, false);
    TrainSpec spec = Specs.train().state(StateMode.ZERO).build();
    float[] params = Initializer.draw(network, spec.init(), 1);
    Map<Split, int[]> texts = Map.of(Split.TRAIN, Texts.language(81, 3));
    NetworkLearner learner = learner(network, spec, params, texts);
    WeightedSum sum = gradient(learner, 0, new Window(0, 0, 0), params.length);
    Loss once = sum.loss();
    learner.gradient(0, new Window(0, 0, 0), sum);
    assertThat(sum.loss()).isEqualTo(once.plus(once));
  }

  @Test
  void evaluation_begins_with_a_learned_state() {
    Network network = network(0, true);
    TrainSpec spec = Specs.train().state(StateMode.LEARNED).evalBatch(3).build();
    float[] params = Initializer.draw(network, spec.init(), 1);
    Map<Split, int[]> texts = Map.of(Split.VALID, Texts.language(40, 4));
    NetworkLearner learner = learner(network, spec, params, texts);
    Loss fromZero = learner.evaluate(0, Split.VALID).loss();
    Param state = network.layout().get(Network.INITIAL_STATE);
    Arrays.fill(params, state.offset(), state.end(), 0.7f);
    learner.load(params);
    Loss fromLearned = learner.evaluate(0, Split.VALID).loss();
    assertThat(fromLearned.weight()).isEqualTo(39).isEqualTo(fromZero.weight());
    assertThat(fromLearned.sum()).isNotEqualTo(fromZero.sum());
  }

  @Test
  void a_restored_shard_goes_on_as_if_nothing_had_happened() {
    Network network = network(0, false);
    TrainSpec spec = Specs.train().build();
    float[] params = Initializer.draw(network, spec.init(), 1);
    Map<Split, int[]> texts = Map.of(Split.TRAIN, Texts.language(200, 4));
    NetworkLearner first = learner(network, spec, params, texts);
    gradient(first, 0, new Window(0, 0, 0), params.length);
    gradient(first, 0, new Window(0, 1, 1), params.length);

    NetworkLearner second = learner(network, spec, params, texts);
    second.restore(0, first.state(0));
    WeightedSum expected = gradient(first, 0, new Window(0, 2, 2), params.length);
    WeightedSum actual = gradient(second, 0, new Window(0, 2, 2), params.length);
    assertThat(actual.parts().dense()).isEqualTo(expected.parts().dense());
    assertThat(actual.loss()).isEqualTo(expected.loss());
    assertThat(second.state(0)).isEqualTo(first.state(0));

    second.restore(0, new float[3]);
    assertThatThrownBy(() -> second.gradient(0, new Window(0, 3, 3), actual))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("3 numbers");
  }

  @Test
  void evaluation_leaves_the_carried_state_alone() {
    Network network = network(0, false);
    TrainSpec spec = Specs.train().build();
    int[] text = Texts.language(200, 5);
    float[] params = Initializer.draw(network, spec.init(), 1);
    Map<Split, int[]> texts = Map.of(Split.TRAIN, text, Split.VALID, text);
    NetworkLearner learner = learner(network, spec, params, texts);
    gradient(learner, 0, new Window(0, 0, 0), params.length);
    float[] state = learner.state(0).clone();
    Loss loss = learner.evaluate(0, Split.VALID).loss();
    assertThat(loss.weight()).isEqualTo(199);
    assertThat(loss).isEqualTo(learner.evaluate(0, Split.VALID).loss());
    assertThat(learner.state(0)).isEqualTo(state);
    assertThat(learner.evaluate(0, Split.TEST).loss()).isEqualTo(Loss.ZERO);
  }
}
