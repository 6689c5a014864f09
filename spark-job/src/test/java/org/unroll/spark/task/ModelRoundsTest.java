// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.data.Curriculum;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.LayerRates;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.PenaltySpec;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Trainer;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.rounds.LocalSpark;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.Training;

/** A language model's training on Spark against the same in one thread. */
@Timeout(600)
class ModelRoundsTest {
  private static final int VOCABULARY = 11;
  private static final Network MODEL =
      new Network(
          NetworkSpec.languageModel(
              VOCABULARY,
              RnnSpec.of(CellType.LSTM, 6, 8, 2).with(new DropoutSpec(0, 0.2, 0.2, 0.2, 0, false)),
              false,
              true,
              false));

  private static JavaSparkContext spark;

  /** Tokens in memory. */
  private record Tokens(int[] ids) implements TokenSource {
    static Tokens random(int seed, int count) {
      int[] ids = new int[count];
      for (int i = 0; i < count; i++) {
        ids[i] = (int) (RandomBits.uniform(seed, i) * VOCABULARY);
      }
      return new Tokens(ids);
    }

    @Override
    public long tokens() {
      return ids.length;
    }

    @Override
    public int[] read(long from, long to) {
      return Arrays.copyOfRange(ids, (int) from, (int) to);
    }
  }

  /** Has fewer tokens than it says. */
  private record TooShort() implements TokenSource {
    @Override
    public long tokens() {
      return 100;
    }

    @Override
    public int[] read(long from, long to) {
      return new int[1];
    }
  }

  @BeforeAll
  static void start() {
    spark = LocalSpark.start("local[4]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static TrainSpec spec(int batch, int shards, StateMode state) {
    return spec(batch, shards, state, Wire.FP32, RoundSpec.ONE);
  }

  private static TrainSpec spec(
      int batch, int shards, StateMode state, Wire wire, RoundSpec round) {
    return new TrainSpec(
        batch,
        5,
        round,
        2,
        shards,
        3,
        state,
        OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.01),
        ScheduleSpec.CONSTANT,
        PenaltySpec.NONE,
        InitSpec.PYTORCH,
        1,
        0,
        0,
        3,
        wire,
        0,
        0,
        Curriculum.Kind.NONE,
        LayerRates.EQUAL);
  }

  private static Rounds rounds(
      RoundsKind kind, int workers, TrainSpec spec, Map<Split, TokenSource> data) {
    return kind.create(spark, workers, NetworkWork.ofText(MODEL.spec(), spec, data));
  }

  private static TrainResult fit(Rounds rounds, TrainSpec spec) {
    try (rounds) {
      return new Trainer(MODEL, spec).fit(rounds, null);
    }
  }

  private static void assertSame(RoundsKind kind, TrainSpec spec, int train, int valid, int test) {
    Map<Split, TokenSource> data = new EnumMap<>(Split.class);
    data.put(Split.TRAIN, Tokens.random(1, train));
    data.put(Split.VALID, Tokens.random(2, valid));
    if (test > 0) {
      data.put(Split.TEST, Tokens.random(3, test));
    }
    TrainResult expected =
        fit(Training.inThisThread(NetworkWork.ofText(MODEL.spec(), spec, data)), spec);
    for (int workers : List.of(1, 2, 3, 4)) {
      TrainResult result = fit(rounds(kind, workers, spec, data), spec);
      assertThat(result.params()).as("%s workers", workers).isEqualTo(expected.params());
      assertThat(result.test()).isEqualTo(expected.test());
      assertThat(result.epochs()).hasSameSizeAs(expected.epochs());
      for (int e = 0; e < expected.epochs().size(); e++) {
        assertThat(result.epochs().get(e).train()).isEqualTo(expected.epochs().get(e).train());
        assertThat(result.epochs().get(e).valid()).isEqualTo(expected.epochs().get(e).valid());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void four_shards_on_any_number_of_workers_give_the_bits_of_one_thread(RoundsKind kind) {
    assertSame(kind, spec(9, 4, StateMode.CARRY), 403, 101, 57);
  }

  @ParameterizedTest
  @EnumSource
  void numbers_of_16_bits_give_the_bits_of_one_thread(RoundsKind kind) {
    assertSame(kind, spec(9, 4, StateMode.CARRY, Wire.BF16, RoundSpec.ONE), 403, 101, 57);
  }

  @ParameterizedTest
  @EnumSource
  void windows_added_up_for_a_step_give_the_bits_of_one_thread(RoundsKind kind) {
    assertSame(kind, spec(9, 4, StateMode.CARRY, Wire.FP32, new RoundSpec(4, 1)), 403, 101, 57);
  }

  @ParameterizedTest
  @EnumSource
  void steps_of_each_shard_give_the_bits_of_one_thread(RoundsKind kind) {
    assertSame(kind, spec(9, 4, StateMode.CARRY, Wire.FP32, new RoundSpec(1, 3)), 403, 101, 57);
  }

  @ParameterizedTest
  @EnumSource
  void random_states_do_not_depend_on_the_workers(RoundsKind kind) {
    assertSame(kind, spec(8, 4, StateMode.RANDOM), 200, 50, 0);
  }

  @ParameterizedTest
  @EnumSource
  void shards_may_have_no_rows_and_rows_no_tokens(RoundsKind kind) {
    assertSame(kind, spec(3, 5, StateMode.CARRY), 40, 3, 2);
  }

  @ParameterizedTest
  @EnumSource
  void a_training_goes_on_with_other_workers_in_the_middle_of_an_epoch(RoundsKind kind) {
    TrainSpec spec = spec(9, 4, StateMode.CARRY);
    Map<Split, TokenSource> data =
        Map.of(Split.TRAIN, Tokens.random(1, 203), Split.VALID, Tokens.random(2, 50));
    List<TrainState> states = new ArrayList<>();
    TrainListener keeper =
        new TrainListener() {
          @Override
          public void pause(long step, Supplier<TrainState> state) {
            states.add(copy(state.get()));
          }
        };
    float[] expected;
    try (Rounds rounds = rounds(kind, 3, spec, data)) {
      expected = new Trainer(MODEL, spec).fit(rounds, null, keeper).params();
    }
    assertThat(states).hasSize(10);
    for (int left = 2; left <= 8; left += 3) {
      for (int workers : List.of(1, 2, 4)) {
        RoundsKind other = workers == 2 ? RoundsKind.JOB : RoundsKind.RESIDENT;
        try (Rounds rounds = rounds(other, workers, spec, data)) {
          TrainResult result = new Trainer(MODEL, spec).resume(rounds, copy(states.get(left - 1)));
          assertThat(result.params())
              .as("after round %d, %d workers", left, workers)
              .containsExactly(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void losses_are_known_by_the_shards_a_worker_adds_up(RoundsKind kind) {
    TrainSpec spec = spec(9, 4, StateMode.CARRY);
    Map<Split, TokenSource> data = Map.of(Split.TRAIN, Tokens.random(1, 203));
    try (Rounds rounds = rounds(kind, 3, spec, data)) {
      WeightedSum sum = rounds.gradient(new Window(0, 0, 0), new float[MODEL.layout().size()]);
      double weight = sum.loss().weight();
      assertThat(rounds.losses().keySet())
          .containsExactly(
              new ShardTree.Node(0, 1), new ShardTree.Node(1, 2), new ShardTree.Node(2, 4));
      assertThat(rounds.losses().values().stream().mapToDouble(Loss::weight).sum())
          .isEqualTo(weight);
    }
  }

  private static TrainState copy(TrainState state) {
    Map<String, float[]> vectors = new HashMap<>();
    state.vectors().forEach((name, vector) -> vectors.put(name, vector.clone()));
    return TrainState.of(state.texts(), vectors);
  }

  @Test
  void what_a_worker_finds_wrong_is_told() {
    Map<Split, TokenSource> data = Map.of(Split.TRAIN, new TooShort());
    assertThatThrownBy(
            () -> {
              TrainSpec spec = spec(4, 2, StateMode.CARRY);
              fit(rounds(RoundsKind.RESIDENT, 2, spec, data), spec);
            })
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("of 2 (shard ")
        .hasMessageContaining("but was given 1");
  }
}
