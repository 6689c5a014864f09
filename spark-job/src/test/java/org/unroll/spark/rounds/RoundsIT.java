// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.Rounds;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.rounds.NumbersWork.Trouble;

/** Both kinds of rounds with two executors in processes of their own. */
@Timeout(900)
class RoundsIT {
  /** More than two slices, of which the last is not full. */
  private static final int PARAMETERS = 70_001;

  private static final NumbersWork WORK = new NumbersWork(5, PARAMETERS, 300);
  private static final String EXPECTED = Training.run(Training.inThisThread(WORK), PARAMETERS);

  private static JavaSparkContext spark;
  private static Path metrics;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    metrics = Files.createDirectory(folder.resolve("metrics"));
    String sink = "spark.metrics.conf.executor.sink.csv.";
    Map<String, String> settings =
        Map.of(
            "spark.unroll.chunk.size",
            "16k",
            sink + "class",
            "org.apache.spark.metrics.sink.CsvSink",
            sink + "period",
            "1",
            sink + "unit",
            "seconds",
            sink + "directory",
            metrics.toString());
    spark = LocalSpark.startCluster(folder, settings);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static String train(RoundsKind kind, int workers, ShardWork work) {
    try (Rounds rounds = kind.create(spark, workers, work)) {
      return Training.run(rounds, PARAMETERS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void one_and_two_processes_give_the_bits_of_one_thread(RoundsKind kind) {
    for (int workers : List.of(1, 2)) {
      assertThat(train(kind, workers, WORK)).as("%s workers", workers).isEqualTo(EXPECTED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void without_shared_memory_the_network_carries_the_same_bits(Wire wire) {
    ShardWork work = WORK.with(wire);
    String expected = Training.run(Training.inThisThread(work), PARAMETERS);
    spark.sc().conf().set(ClusterRounds.SHARED_MEMORY, "false");
    try {
      assertThat(train(RoundsKind.RESIDENT, 2, work)).isEqualTo(expected);
    } finally {
      spark.sc().conf().remove(ClusterRounds.SHARED_MEMORY);
    }
  }

  @ParameterizedTest
  @EnumSource
  void executors_tell_what_they_needed(RoundsKind kind) {
    ClusterRounds rounds = kind.create(spark, 2, WORK);
    try (rounds) {
      Training.run(rounds, PARAMETERS);
    }
    assertThat(rounds.peakWorkerMemory()).isGreaterThan(32L << 20);
  }

  /** The slowest of three shards takes a second and a half, the others a tenth. */
  @ParameterizedTest
  @EnumSource
  void the_times_of_a_round_come_from_all_processes(RoundsKind kind) {
    NumbersWork work = new NumbersWork(3, PARAMETERS, 300).with(Trouble.STRAGGLER);
    try (Rounds rounds = kind.create(spark, 2, work)) {
      rounds.gradient(new Window(0, 0, 0), new float[PARAMETERS]);
      long start = System.nanoTime();
      rounds.gradient(new Window(0, 1, 1), new float[PARAMETERS]);
      double seconds = (System.nanoTime() - start) / 1e9;
      RoundTimes times = rounds.times();
      assertThat(times.slowestShard()).isEqualTo(3);
      assertThat(times.slowestSeconds()).isBetween(1.5, seconds);
      assertThat(times.compute()).isBetween(0.85, seconds);
      assertThat(times.waiting()).isPositive();
      assertThat(times.wire()).isPositive();
      assertThat(times.sum()).isPositive();
      double least = kind == RoundsKind.RESIDENT ? Double.MIN_VALUE : 0;
      assertThat(times.encode()).isGreaterThanOrEqualTo(least);
      assertThat(times.seconds()).isBetween(1.6, seconds);
    }
  }

  @Test
  void spark_s_sinks_get_the_rounds_of_every_executor() throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(10).toNanos();
    try (Rounds rounds = RoundsKind.RESIDENT.create(spark, 2, WORK.with(Trouble.SLOW))) {
      for (int step = 0; filesWithRounds() < 2 && System.nanoTime() < deadline; step++) {
        rounds.gradient(new Window(0, step, step), new float[PARAMETERS]);
      }
    }
    assertThat(filesWithRounds()).as("executors in %s", metrics).isGreaterThanOrEqualTo(2);
  }

  /**
   * Executors whose file has a line "seconds,milliseconds" of a round, which takes 200 ms or more.
   */
  private static long filesWithRounds() throws IOException {
    try (Stream<Path> files = Files.list(metrics)) {
      return files
          .filter(file -> file.toString().endsWith(".unroll.compute_ms.csv"))
          .filter(RoundsIT::hasRounds)
          .count();
    }
  }

  private static boolean hasRounds(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.anyMatch(line -> line.matches("[0-9]+,[0-9]{3,}\\..*"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void job_rounds_may_have_more_workers_than_slots() {
    assertThat(train(RoundsKind.JOB, 4, WORK)).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @EnumSource
  void numbers_of_16_bits_give_the_bits_of_one_thread(RoundsKind kind) {
    NumbersWork work = WORK.with(Wire.BF16);
    String expected = Training.run(Training.inThisThread(work), PARAMETERS);
    assertThat(train(kind, 2, work)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void sums_that_an_executor_takes_with_it_are_added_again(Wire wire) {
    NumbersWork work = new NumbersWork(10, PARAMETERS, 30).with(wire);
    String expected = Training.run(Training.inThisThread(work), PARAMETERS);
    assertThat(train(RoundsKind.JOB, 10, work.with(Trouble.FIRST_ATTEMPT_DIES)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void a_task_that_failed_once_changes_nothing(RoundsKind kind) {
    assertThat(train(kind, 2, WORK.with(Trouble.FIRST_ATTEMPT_FAILS))).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @EnumSource
  void an_executor_that_died_changes_nothing(RoundsKind kind) {
    assertThat(train(kind, 2, WORK.with(Trouble.FIRST_ATTEMPT_DIES))).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @EnumSource
  void bad_data_are_reported_in_their_own_words(RoundsKind kind) {
    assertThatThrownBy(() -> train(kind, 2, WORK.with(Trouble.BAD_DATA)))
        .isInstanceOf(InputException.class)
        .hasMessage(NumbersWork.BAD_DATA);
  }

  @Test
  void a_worker_that_always_fails_is_named_with_its_reason() {
    assertThatThrownBy(() -> train(RoundsKind.RESIDENT, 2, WORK.with(Trouble.ALWAYS_FAILS)))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith("worker 2 of 2 (shards 3 to 5) failed on ")
        .hasMessageEndingWith(": java.lang.IllegalStateException: out of luck");
  }

  @Test
  void a_hub_that_executors_do_not_reach_is_named_with_what_to_do() throws Exception {
    WorkerPlan plan = new WorkerPlan(UUID.randomUUID(), 2, WORK);
    RoundHub hub = new RoundHub(plan, () -> Duration.ofMinutes(10), () -> 2);
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    ClusterRounds.Largest memory = new ClusterRounds.Largest();
    spark.sc().register(memory);
    WorkerJob job =
        new WorkerJob(spark, plan, new Transport.Address("127.0.0.1", closed), hub, memory);
    job.start();
    assertThatThrownBy(hub::awaitWorkers)
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("the driver cannot be reached at 127.0.0.1:" + closed)
        .hasMessageContaining("spark.unroll.port");
    job.end(false);
  }

  @Test
  void more_workers_than_slots_are_refused_with_both_numbers() {
    assertThatThrownBy(() -> RoundsKind.RESIDENT.create(spark, 3, WORK))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 workers need 3 task slots")
        .hasMessageContaining("local-cluster[2,1,1024] has 2");
  }
}
