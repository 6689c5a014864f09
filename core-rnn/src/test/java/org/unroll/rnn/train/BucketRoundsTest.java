// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/** The result of a training on whole sequences depends on data and specification alone. */
class BucketRoundsTest {
  private static final int SHARDS = 4;

  private static List<Example> examples(int count) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long key = RandomBits.key(1, i);
      int[] tokens = new int[(int) Long.remainderUnsigned(RandomBits.bits(key, 0), 9)];
      Arrays.setAll(tokens, t -> (int) Long.remainderUnsigned(RandomBits.bits(key, 1 + t), 6));
      examples.add(Example.ofTokens("s" + i, tokens, i % 3));
    }
    return examples;
  }

  private static BucketTask task(boolean trainableEmbedding, TrainSpec spec) {
    InputSpec inputs =
        new InputSpec(List.of(new InputSpec.TokenColumn(6, 4, trainableEmbedding)), 0, null);
    RnnSpec encoder =
        RnnSpec.of(CellType.LSTM, 4, 5, 2)
            .with(Direction.BOTH)
            .with(TestNetworks.around(0.2, true));
    NetworkSpec reader =
        NetworkSpec.of(
            inputs, encoder, Pooling.Type.MEAN, new HeadSpec.Softmax(3, Target.SEQUENCE));
    Network model = new Network(reader);
    return new BucketTask(model, spec, examples(50), examples(11), new ConfusionMetric(3, 0));
  }

  private static Specs specs() {
    return Specs.train()
        .shards(SHARDS)
        .batch(8)
        .epochs(3)
        .optimizer(OptimizerSpec.Kind.ADAMW, 0.01)
        .clipNorm(1);
  }

  @Test
  void a_shard_computes_the_same_whoever_hosts_it() {
    BucketTask task = task(true, specs().build());
    float[] params = Initializer.draw(task.network(), task.spec().init(), 1);
    NetworkLearner all = task.learner(0, SHARDS);
    all.load(params);
    for (int[] range : new int[][] {{0, 1}, {1, 3}, {3, 4}}) {
      NetworkLearner some = task.learner(range[0], range[1]);
      some.load(params);
      for (int shard = range[0]; shard < range[1]; shard++) {
        for (int round : new int[] {3, 0, task.rounds() - 1}) {
          Window window = new Window(1, round, 20 + round);
          WeightedSum expected = new WeightedSum(params.length);
          WeightedSum found = new WeightedSum(params.length);
          all.gradient(shard, window, expected);
          some.gradient(shard, window, found);
          assertThat(found.parts().dense()).isEqualTo(expected.parts().dense());
          assertThat(found.loss()).isEqualTo(expected.loss());
        }
        Evaluation expected = all.evaluate(shard, Split.VALID);
        assertThat(some.evaluate(shard, Split.VALID).loss()).isEqualTo(expected.loss());
        assertThat(some.evaluate(shard, Split.VALID).sums()).isEqualTo(expected.sums());
      }
    }
  }

  @Test
  void a_training_goes_on_from_any_round_to_the_same_bits() {
    BucketTask task = task(true, specs().build());
    TrainResult whole = task.fit();
    Map<Long, TrainState> states = new LinkedHashMap<>();
    TrainListener keep =
        new TrainListener() {
          @Override
          public void pause(long step, Supplier<TrainState> state) {
            if (step == 4) {
              states.put(step, copy(state.get()));
            }
          }
        };
    new Trainer(task.network(), task.spec()).fit(task.localRounds(), null, keep);
    TrainResult resumed =
        new Trainer(task.network(), task.spec()).resume(task.localRounds(), states.get(4L));
    assertThat(resumed.params()).isEqualTo(whole.params());
    assertThat(resumed.epochs().get(2).valid()).isEqualTo(whole.epochs().get(2).valid());
  }

  /** The state is made of the training's own arrays. */
  private static TrainState copy(TrainState state) {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    state.vectors().forEach((name, vector) -> vectors.put(name, vector.clone()));
    return TrainState.of(state.texts(), vectors);
  }

  @Test
  void frozen_vectors_stay_and_all_others_move() {
    OptimizerSpec.Kind[] kinds = {OptimizerSpec.Kind.SGD, OptimizerSpec.Kind.ADAMW};
    for (OptimizerSpec.Kind kind : kinds) {
      PenaltySpec penalty =
          kind == OptimizerSpec.Kind.SGD ? new PenaltySpec(0, 0.01, false) : PenaltySpec.NONE;
      BucketTask task = task(false, specs().optimizer(kind, 0.01).penalty(penalty).build());
      float[] before = Initializer.draw(task.network(), task.spec().init(), task.spec().seed());
      float[] after = task.fit().params();
      for (Param param : task.network().layout().params()) {
        float[] from = Arrays.copyOfRange(before, param.offset(), param.end());
        float[] to = Arrays.copyOfRange(after, param.offset(), param.end());
        if (param.trainable()) {
          assertThat(to).as(param.name()).isNotEqualTo(from);
        } else {
          assertThat(to).as(param.name()).isEqualTo(from);
        }
      }
      assertThat(task.network().layout().get("embedding.weight").trainable()).isFalse();
    }
  }

  @Test
  void a_sequence_that_teaches_nothing_is_refused_by_name() {
    BucketTask task = task(true, specs().build());
    List<Example> train = new ArrayList<>(examples(5));
    train.set(3, Example.ofTokens("row 4", new int[2], (int[]) null));
    BucketTask broken =
        new BucketTask(task.network(), task.spec(), train, List.of(), task.metric());
    assertThatThrownBy(broken::localRounds)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there is nothing to learn from sequence row 4 of 2 steps: its target is not known or"
                + " cannot be met");
    BucketTask empty =
        new BucketTask(task.network(), task.spec(), List.of(), List.of(), task.metric());
    LocalRounds none = new LocalRounds(1, task.spec(), 0, task.learner(0, SHARDS));
    assertThat(empty.rounds()).isZero();
    assertThatThrownBy(() -> new Trainer(task.network(), task.spec()).fit(none, null))
        .hasMessage("the training data has no sequence: nothing to train on");
  }

  @Test
  void all_windows_count_every_example_once() {
    BucketTask task = task(true, specs().batch(7).build());
    NetworkLearner shards = task.learner(0, SHARDS);
    shards.load(new float[task.network().layout().size()]);
    double read = 0;
    for (int round = 0; round < task.rounds(); round++) {
      for (int shard = 0; shard < SHARDS; shard++) {
        WeightedSum sum = new WeightedSum(task.network().layout().size());
        shards.gradient(shard, new Window(0, round, round), sum);
        read += sum.loss().weight();
      }
    }
    assertThat(read).isEqualTo(50);
  }

  @Test
  void a_round_in_which_no_shard_has_a_sequence_is_none() {
    // Batches of one and two sequences, of 2 and 4 shards: some windows have nothing at all.
    for (int[] size : new int[][] {{3, 1, 2}, {33, 2, 4}}) {
      TrainSpec spec = Specs.train().batch(size[1]).shards(size[2]).epochs(2).build();
      BucketTask whole = task(true, spec);
      List<Example> few = examples(60).stream().filter(e -> e.steps() > 0).limit(size[0]).toList();
      BucketTask task = new BucketTask(whole.network(), spec, few, few, whole.metric());
      TrainResult result = task.fit();
      assertThat(result.rounds()).isBetween(2L * size[0] / size[2], 2L * task.rounds() - 1);
      assertThat(result.epochs()).hasSize(2);
      assertThat(result.epochs())
          .allSatisfy(epoch -> assertThat(epoch.train().weight()).isEqualTo(size[0]));
    }
  }
}
