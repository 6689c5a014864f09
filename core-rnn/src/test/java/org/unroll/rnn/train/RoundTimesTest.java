// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;

class RoundTimesTest {
  private static final Offset<Double> EXACT = within(1e-12);
  private static final long MS = 1_000_000;

  private static WorkerTimes worker(long compute, int slowestShard, long slowest, long encode) {
    return new WorkerTimes(compute * MS, slowestShard, slowest * MS, encode * MS, 0);
  }

  private static void assertAddsUp(RoundTimes times, double seconds) {
    assertThat(times.parts().values()).allSatisfy(s -> assertThat(s).isNotNegative());
    double sum = times.parts().values().stream().mapToDouble(s -> s).sum();
    assertThat(sum).isCloseTo(seconds, EXACT);
    assertThat(times.seconds()).isCloseTo(seconds, EXACT);
  }

  @Test
  void the_parts_add_up_to_the_round() {
    List<WorkerTimes> workers = List.of(worker(60, 1, 40, 2), worker(80, 2, 80, 4));
    RoundTimes times = RoundTimes.of(100 * MS, workers, 5 * MS, 3 * MS);
    assertThat(times.compute()).isCloseTo(0.070, EXACT);
    assertThat(times.waiting()).isCloseTo(0.010, EXACT);
    assertThat(times.encode()).isCloseTo(0.008, EXACT);
    assertThat(times.sum()).isCloseTo(0.003, EXACT);
    assertThat(times.wire()).isCloseTo(0.009, EXACT);
    assertThat(times.slowestShard()).isEqualTo(3);
    assertThat(times.slowestSeconds()).isCloseTo(0.080, EXACT);
    assertAddsUp(times, 0.1);
    assertAddsUp(times.withStep(0.02), 0.12);
  }

  @Test
  void what_overlaps_counts_once() {
    List<WorkerTimes> workers = List.of(worker(80, 0, 80, 30), worker(80, 1, 80, 30));
    RoundTimes times = RoundTimes.of(100 * MS, workers, 0, 30 * MS);
    assertThat(times.encode()).isCloseTo(0.010, EXACT);
    assertThat(times.sum()).isCloseTo(0.010, EXACT);
    assertThat(times.wire()).isCloseTo(0, EXACT);
    assertAddsUp(times, 0.1);
  }

  @Test
  void a_clock_that_runs_fast_makes_no_part_negative() {
    RoundTimes times = RoundTimes.of(100 * MS, List.of(worker(120, 0, 120, 1)), MS, MS);
    assertThat(times.compute()).isCloseTo(0.1, EXACT);
    assertAddsUp(times, 0.1);
  }

  @Test
  void an_epoch_has_the_mean_and_the_shard_that_was_slowest_in_most_rounds() {
    RoundSums sums = new RoundSums();
    int[] slowest = {2, 1, 3, 3, 2, 3, 3};
    for (int i = 0; i < slowest.length; i++) {
      RoundTimes times = new RoundTimes(i, 2 * i, 0.1, 0.2, 0.3, 0.4, slowest[i], i);
      sums.add(new RoundMetrics(1, i + 1, 7, i + 1, new Loss(1, 1), 0.1, 1, times));
      TrainState state =
          new TrainState(new Window(0, i, i), sums, new RoundSums(), List.of(), Map.of());
      sums = TrainState.of(state.texts(), Map.of()).epoch();
    }
    RoundTimes mean = sums.meanTimes(slowest.length);
    assertThat(mean.compute()).isCloseTo(3, EXACT);
    assertThat(mean.waiting()).isCloseTo(6, EXACT);
    assertThat(mean.slowestSeconds()).isCloseTo(3, EXACT);
    assertThat(mean.slowestShard()).isEqualTo(3);
    assertAddsUp(mean, 10);
  }

  @Test
  void the_times_of_a_training_in_one_thread_are_those_of_its_rounds() {
    Network model = TestNetworks.language(7, 5, CellType.LSTM, 1, 6, true, 0, false, false);
    TrainSpec spec = Specs.train().shards(3).epochs(2).build();
    LocalRounds rounds = new LocalRounds(model, spec, Texts.language(160, 1), null, null);
    List<RoundMetrics> metrics = new ArrayList<>();
    TrainResult result =
        new Trainer(model, spec)
            .fit(
                rounds,
                null,
                new TrainListener() {
                  @Override
                  public void round(RoundMetrics round) {
                    metrics.add(round);
                  }
                });
    for (RoundMetrics round : metrics) {
      RoundTimes times = round.times();
      assertAddsUp(times, round.seconds());
      assertThat(times.compute()).isPositive();
      assertThat(times.step()).isPositive();
      assertThat(times.waiting()).isZero();
      assertThat(times.slowestShard()).isBetween(1, 3);
      assertThat(times.slowestSeconds()).isBetween(Double.MIN_VALUE, times.compute());
    }
    for (EpochMetrics epoch : result.epochs()) {
      assertThat(epoch.times().seconds() * rounds.windows())
          .isCloseTo(epoch.seconds(), within(1e-9));
    }
  }

  @Test
  void a_state_keeps_its_epochs_to_the_bit() {
    RoundTimes times = new RoundTimes(0.1, 0.2, 1 / 3.0, 0.4, 0.5, 0.6, 7, Double.MIN_VALUE);
    EpochMetrics epoch =
        new EpochMetrics(1, 9, new Loss(1, 2), new Loss(3, 4), 5, 6, 7, 8, times, Double.NaN);
    EpochMetrics scored =
        new EpochMetrics(
            2, 1L << 60, new Loss(-0.0, 2), null, 1e-300, Double.POSITIVE_INFINITY, 7, 8, times, 9);
    TrainState state =
        new TrainState(
            new Window(1, 0, 9),
            new RoundSums(),
            new RoundSums(),
            List.of(epoch, scored),
            Map.of());
    assertThat(TrainState.of(state.texts(), state.vectors()).epochs())
        .containsExactly(epoch, scored);
  }
}
