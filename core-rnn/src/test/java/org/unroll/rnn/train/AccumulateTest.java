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
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.ConfusionMetric;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

/** Gradients of several windows, added up for one step. */
class AccumulateTest {

  @Test
  void a_round_has_its_windows_and_the_last_what_is_left() {
    RoundSpec three = new RoundSpec(3, 1);
    assertThat(three.rounds(8)).isEqualTo(3);
    assertThat(three.rounds(9)).isEqualTo(3);
    assertThat(three.rounds(0)).isZero();
    assertThat(three.windows(new Window(2, 1, 7), 8))
        .containsExactly(new Window(2, 3, 21), new Window(2, 4, 22), new Window(2, 5, 23));
    assertThat(three.windows(new Window(2, 2, 8), 8))
        .containsExactly(new Window(2, 6, 24), new Window(2, 7, 25));
    Window plain = new Window(4, 5, 60);
    assertThat(RoundSpec.ONE.windows(plain, 8)).containsExactly(plain);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RoundSpec(0, 1))
        .withMessage("accumulate must be positive but was 0");
  }

  @Test
  void state_is_carried_through_the_windows_of_a_round_whose_gradients_are_added_in_their_order() {
    Network network = TestNetworks.language(7, 6, CellType.LSTM, 2, 8, true, 0.3, false, false);
    Specs specs = Specs.train().shards(2).window(5);
    int[] text = Texts.language(120, 1);
    float[] params = Initializer.draw(network, specs.build().init(), 1);
    Map<Split, int[]> texts = Map.of(Split.TRAIN, text);
    TrainSpec one = specs.build();
    TrainSpec four = specs.round(new RoundSpec(4, 1)).build();
    int windows = one.plan(Split.TRAIN, text.length).windows();
    assertThat(windows).isEqualTo(6);
    for (int shard = 0; shard < 2; shard++) {
      Learner single = new NetworkLearner(network, one, Streams.source(one, 0, 2, texts), null, 1);
      Learner joint = new NetworkLearner(network, four, Streams.source(four, 0, 2, texts), null, 1);
      single.load(params);
      joint.load(params);
      for (int round = 0; round < 2; round++) {
        WeightedSum expected = new WeightedSum(params.length);
        WeightedSum found = new WeightedSum(params.length);
        for (int i = 4 * round; i < Math.min(windows, 4 * round + 4); i++) {
          single.gradient(shard, new Window(0, i, i), expected);
        }
        joint.gradient(shard, new Window(0, round, round), found);
        assertThat(found.parts().dense()).containsExactly(expected.parts().dense());
        assertThat(found.loss()).isEqualTo(expected.loss());
        assertThat(joint.state(shard)).containsExactly(single.state(shard));
      }
    }
  }

  /** Sequences of 1 to 9 steps with a label each, so that batches differ in weight. */
  private static List<Example> examples(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long key = RandomBits.key(1, i);
      int[] tokens = new int[1 + (int) Long.remainderUnsigned(RandomBits.bits(key, 0), 9)];
      Arrays.setAll(tokens, t -> (int) Long.remainderUnsigned(RandomBits.bits(key, 1 + t), 6));
      int[] labels = Arrays.stream(tokens).map(token -> token % 3).toArray();
      examples.add(Example.ofTokens("s" + i, tokens, labels));
    }
    return examples;
  }

  private static BucketTask task(TrainSpec spec, int count) {
    InputSpec inputs = new InputSpec(List.of(new InputSpec.TokenColumn(6, 4, true)), 0, null);
    NetworkSpec tagger =
        NetworkSpec.of(
            inputs, RnnSpec.of(CellType.GRU, 4, 5, 1), null, new HeadSpec.Softmax(3, Target.STEP));
    return new BucketTask(
        new Network(tagger), spec, examples(count), examples(7), new ConfusionMetric(3, 0));
  }

  @Test
  void a_step_is_that_of_a_batch_so_many_times_as_large_where_rows_are_independent() {
    for (OptimizerSpec.Kind kind :
        new OptimizerSpec.Kind[] {OptimizerSpec.Kind.MOMENTUM, OptimizerSpec.Kind.ADAGRAD}) {
      Specs specs =
          Specs.train()
              .shards(2)
              .epochs(4)
              .optimizer(kind, 0.1)
              .penalty(new PenaltySpec(0, 0.01, false))
              .clipNorm(0.2);
      // All rows are in every step, so that the two differ in nothing but the order of additions.
      TrainResult large = task(specs.batch(60).build(), 60).fit();
      TrainResult joint = task(specs.batch(12).round(new RoundSpec(5, 1)).build(), 60).fit();
      assertThat(joint.rounds()).isEqualTo(4).isEqualTo(large.rounds());
      for (int i = 0; i < large.params().length; i++) {
        assertThat(joint.params()[i]).isCloseTo(large.params()[i], within(2e-5f));
      }
      for (int e = 0; e < 4; e++) {
        EpochMetrics expected = large.epochs().get(e);
        EpochMetrics found = joint.epochs().get(e);
        assertThat(found.train().weight()).isEqualTo(expected.train().weight());
        assertThat(found.train().mean()).isCloseTo(expected.train().mean(), within(1e-5));
        assertThat(found.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-5));
      }
    }
  }

  @Test
  void every_row_counts_once_in_an_epoch_whose_last_round_is_short() {
    TrainSpec spec = Specs.train().batch(8).shards(3).round(new RoundSpec(3, 1)).epochs(2).build();
    TrainResult result = task(spec, 50).fit();
    assertThat(result.rounds()).as("7 batches an epoch").isEqualTo(2 * 3);
    double steps = examples(50).stream().mapToInt(Example::steps).sum();
    assertThat(result.epochs())
        .allSatisfy(epoch -> assertThat(epoch.train().weight()).isEqualTo(steps));
  }
}
