// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.report.PeakMemory;
import org.unroll.spark.rounds.NumbersWork.Trouble;

/** Both kinds of rounds in one process. */
@Timeout(600)
class RoundsTest {
  private static final NumbersWork WORK = new NumbersWork(5, 1000, 7);
  private static final String EXPECTED = Training.run(Training.inThisThread(WORK), 1000);

  /** So much that not all workers send to the driver. */
  private static final NumbersWork MANY = new NumbersWork(20, 600, 3);

  private JavaSparkContext spark;

  @BeforeEach
  void start() {
    // Four slots, and one retry of a task.
    spark = LocalSpark.start("local[4,2]");
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  private String train(RoundsKind kind, int workers, ShardWork work) {
    try (Rounds rounds = kind.create(spark, workers, work)) {
      return Training.run(rounds, work.parameters());
    }
  }

  /** Spark's books follow its jobs with a little delay. */
  private void assertNoJobs() {
    long deadline = System.nanoTime() + Duration.ofSeconds(300).toNanos();
    while (spark.statusTracker().getActiveJobIds().length > 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(spark.statusTracker().getActiveJobIds()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void any_number_of_workers_gives_the_same_bits(RoundsKind kind) {
    for (int workers : List.of(1, 2, 3, 4)) {
      assertThat(train(kind, workers, WORK)).as("%s workers", workers).isEqualTo(EXPECTED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_a_workers_process_needed_is_known_when_it_is_over(RoundsKind kind) {
    ClusterRounds rounds = kind.create(spark, 2, WORK);
    try (rounds) {
      Training.run(rounds, WORK.parameters());
    }
    assertThat(rounds.peakWorkerMemory()).isBetween(32L << 20, PeakMemory.bytes());
  }

  @ParameterizedTest
  @EnumSource
  void numbers_of_16_bits_give_the_same_bits_for_any_number_of_workers(RoundsKind kind) {
    NumbersWork work = WORK.with(Wire.BF16);
    String expected = Training.run(Training.inThisThread(work), 1000);
    assertThat(expected).isNotEqualTo(EXPECTED);
    for (int workers : List.of(1, 2, 3, 4)) {
      assertThat(train(kind, workers, work)).as("%s workers", workers).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sums_that_are_added_in_groups_of_workers_have_the_same_bits(Wire wire) {
    NumbersWork work = MANY.with(wire);
    String expected = Training.run(Training.inThisThread(work), 600);
    for (int workers : List.of(8, 9, 13, 20)) {
      assertThat(train(RoundsKind.JOB, workers, work))
          .as("%s workers", workers)
          .isEqualTo(expected);
    }
  }

  @Test
  void groups_have_the_reports_of_all_their_workers() {
    try (Rounds rounds = RoundsKind.JOB.create(spark, 20, MANY)) {
      rounds.gradient(new Window(0, 0, 0), new float[600]);
      assertThat(List.copyOf(rounds.losses().keySet()))
          .isEqualTo(IntStream.range(0, 20).mapToObj(s -> new ShardTree.Node(s, s + 1)).toList());
      assertThat(rounds.losses().values())
          .extracting(Loss::weight)
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 20).mapToObj(weight -> (double) weight).toList());
      assertThat(rounds.states()).extracting(state -> state.length).doesNotContain(0);
    }
  }

  @Test
  void a_task_of_a_group_that_runs_again_changes_nothing() {
    String expected = Training.run(Training.inThisThread(MANY), 600);
    assertThat(train(RoundsKind.JOB, 20, MANY.with(Trouble.FIRST_ATTEMPT_FAILS)))
        .isEqualTo(expected);
  }

  @Test
  void bad_data_are_reported_through_groups() {
    assertThatThrownBy(() -> train(RoundsKind.JOB, 20, MANY.with(Trouble.BAD_DATA)))
        .isInstanceOf(InputException.class)
        .hasMessage(NumbersWork.BAD_DATA);
  }

  @Test
  void sums_of_a_round_do_not_stay_on_disk() {
    try (Rounds rounds = RoundsKind.JOB.create(spark, 20, MANY)) {
      rounds.gradient(new Window(0, 0, 0), new float[600]);
      MapOutputTrackerMaster shuffles = (MapOutputTrackerMaster) spark.env().mapOutputTracker();
      assertThat(shuffles.shuffleStatuses().isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_task_that_runs_again_goes_on_where_its_shards_stand(RoundsKind kind) {
    assertThat(train(kind, 2, WORK.with(Trouble.FIRST_ATTEMPT_FAILS))).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @EnumSource
  void work_without_a_state_sends_none(RoundsKind kind) {
    NumbersWork work = new NumbersWork(2, 3, 0);
    assertThat(train(kind, 2, work)).isEqualTo(Training.run(Training.inThisThread(work), 3));
  }

  @ParameterizedTest
  @EnumSource
  void more_workers_than_shards_are_not_started(RoundsKind kind) {
    NumbersWork work = new NumbersWork(1, 10, 2);
    assertThat(train(kind, 4, work)).isEqualTo(Training.run(Training.inThisThread(work), 10));
  }

  /** The slowest of three shards takes a second and a half, the others a tenth. */
  @ParameterizedTest
  @EnumSource
  void the_times_of_a_round_name_the_slowest_shard(RoundsKind kind) {
    NumbersWork work = new NumbersWork(3, 1000, 7).with(Trouble.STRAGGLER);
    try (Rounds rounds = kind.create(spark, 3, work)) {
      long start = System.nanoTime();
      rounds.gradient(new Window(0, 0, 0), new float[work.parameters()]);
      double seconds = (System.nanoTime() - start) / 1e9;
      RoundTimes times = rounds.times();
      assertThat(times.slowestShard()).isEqualTo(3);
      assertThat(times.slowestSeconds()).isBetween(1.5, seconds);
      assertThat(times.compute()).isBetween(1.7 / 3, seconds);
      assertThat(times.waiting()).isPositive();
      assertThat(times.compute() + times.waiting()).isGreaterThanOrEqualTo(1.5);
      assertThat(times.parts()).allSatisfy((part, s) -> assertThat(s).as(part).isNotNegative());
      assertThat(times.seconds()).isBetween(1.5, seconds);
      assertThat(times.step()).isZero();
      rounds.evaluate(Split.VALID, new float[work.parameters()]);
      assertThat(rounds.times()).isEqualTo(times);
    }
  }

  @ParameterizedTest
  @EnumSource
  void bad_data_are_reported_in_their_own_words(RoundsKind kind) {
    assertThatThrownBy(() -> train(kind, 3, WORK.with(Trouble.BAD_DATA)))
        .isInstanceOf(InputException.class)
        .hasMessage(NumbersWork.BAD_DATA);
  }

  @Test
  void a_worker_that_always_fails_is_named_with_its_reason() {
    assertThatThrownBy(() -> train(RoundsKind.RESIDENT, 3, WORK.with(Trouble.ALWAYS_FAILS)))
        .isInstanceOf(ClusterException.class)
        .hasMessage(
            "worker 3 of 3 (shards 4 to 5) failed on the driver's machine:"
                + " java.lang.IllegalStateException: out of luck");
  }

  @Test
  void a_job_that_always_fails_is_told_in_one_line() {
    assertThatThrownBy(() -> train(RoundsKind.JOB, 3, WORK.with(Trouble.ALWAYS_FAILS)))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith("round 2 failed: Job aborted due to stage failure: Task 2 ")
        .hasMessageContaining("out of luck")
        .hasMessageNotContaining("\n");
  }

  @Test
  void nothing_runs_any_more_after_an_error() {
    try (Rounds rounds = RoundsKind.RESIDENT.create(spark, 3, WORK.with(Trouble.ALWAYS_FAILS))) {
      assertThatThrownBy(() -> Training.run(rounds, 1000)).hasMessageContaining("out of luck");
      assertThatThrownBy(() -> Training.run(rounds, 1000)).hasMessageContaining("out of luck");
    }
    assertNoJobs();
    assertThat(train(RoundsKind.RESIDENT, 4, WORK)).isEqualTo(EXPECTED);
  }

  @Test
  void closing_without_a_round_ends_the_workers() {
    RoundsKind.RESIDENT.create(spark, 4, WORK).close();
    assertNoJobs();
  }

  @Test
  void more_workers_than_slots_are_refused_with_both_numbers() {
    assertThatThrownBy(() -> RoundsKind.RESIDENT.create(spark, 5, WORK))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("5 workers need 5 task slots")
        .hasMessageContaining("local[4,2] has 4");
  }

  @Test
  void workers_that_find_no_slot_in_time_are_counted() {
    spark.stop();
    spark = LocalSpark.start("local[2]", Map.of("spark.unroll.start.timeout", "2s"));
    try (Rounds first = RoundsKind.RESIDENT.create(spark, 1, WORK)) {
      assertThatThrownBy(() -> RoundsKind.RESIDENT.create(spark, 2, WORK))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("of 2 workers started, and nothing has happened for 2 s")
          .hasMessageContaining("task slots for 1 of them");
      assertThat(Training.run(first, 1000)).isEqualTo(EXPECTED);
    }
  }

  @Test
  void the_end_of_spark_ends_the_rounds() {
    try (Rounds rounds = RoundsKind.RESIDENT.create(spark, 2, WORK)) {
      spark.stop();
      assertThatThrownBy(() -> Training.run(rounds, 1000))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("SparkContext was shut down");
    }
  }

  @Test
  void no_workers_are_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RoundsKind.JOB.create(spark, 0, WORK))
        .withMessage("workers must be positive but was 0");
  }
}
