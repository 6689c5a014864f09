// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.rounds.TwoWorkers.Attempt;

/** Workers that do not come, do not come back, or cannot go on. */
class RoundHubFailuresTest {
  private final TwoWorkers workers = new TwoWorkers();
  private final RoundHub hub = workers.hub;

  @Test
  void workers_without_a_slot_are_told_from_workers_whose_executors_are_slow() {
    TwoWorkers some = new TwoWorkers(Duration.ZERO);
    some.freeSlots = () -> 0;
    some.join(0);
    some.hub.attempts(0, 1);
    assertThatThrownBy(some.hub::awaitWorkers)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("Only 1 of 2 workers started, and nothing has happened for 0 s")
        .hasMessageContaining("executors have task slots for 1 of them")
        .hasMessageContaining("ask for at most 1 (--workers)");
    some.freeSlots = () -> 1;
    assertThatThrownBy(some.hub::awaitWorkers)
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("although Spark's executors have a task slot for each")
        .hasMessageContaining("slow to start");
  }

  /** Every time the hub looks, its patience is over but something has happened. */
  @Test
  void workers_are_waited_for_as_long_as_the_cluster_gets_on() {
    Duration patience = Duration.ofMillis(1);
    TwoWorkers slow = new TwoWorkers(patience);
    Deque<Runnable> steps =
        new ArrayDeque<>(
            List.of(
                () -> {},
                () -> slow.hub.attempts(0, 1),
                () -> slow.join(0),
                () -> slow.hub.attempts(1, 1),
                () -> slow.join(1)));
    slow.freeSlots =
        () -> {
          long start = System.nanoTime();
          while (System.nanoTime() - start <= patience.toNanos()) {
            Thread.onSpinWait();
          }
          steps.remove().run();
          return 0;
        };
    slow.hub.awaitWorkers();
    assertThat(steps).isEmpty();
  }

  @Test
  void a_worker_that_does_not_come_back_ends_the_run() {
    TwoWorkers both = new TwoWorkers(Duration.ofMillis(50));
    RoundHub impatient = both.hub;
    both.train(0);
    assertThatThrownBy(impatient::take)
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith("worker 1 of 2 (shard 1) was lost and has not come back");
    assertThat(impatient.isHealthy()).isFalse();
  }

  @Test
  void a_worker_whose_machine_died_is_absent_although_its_connection_stays_open() {
    TwoWorkers both = new TwoWorkers(Duration.ofMillis(50));
    RoundHub impatient = both.hub;
    for (int w = 0; w < 2; w++) {
      both.join(w);
      impatient.attempts(w, 1);
    }
    both.train(0);
    impatient.attempts(1, 0);
    assertThatThrownBy(impatient::take)
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith("worker 2 of 2 (shard 2) was lost and has not come back")
        .hasMessageContaining("1 of 2 workers are running");
  }

  @Test
  void a_worker_that_spark_gave_up_starts_again_as_long_as_rounds_go_on() {
    for (int step = 0; step < 10; step++) {
      workers.train(step);
      assertThat(hub.jobEnded(lostExecutor())).isTrue();
    }
    for (int i = 1; i < JobFailures.LIMIT; i++) {
      assertThat(hub.jobEnded(lostExecutor())).isTrue();
    }
    assertThat(hub.jobEnded(lostExecutor())).isFalse();
    assertThatThrownBy(hub::take)
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith("the workers' Spark job is over: Job aborted")
        .hasMessageContaining("Reason: Command exited with code 137. Executors die again");
  }

  @Test
  void what_fails_by_itself_starts_again_only_after_a_round() {
    Exception failure =
        new IllegalStateException(
            "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent"
                + " failure: Lost task 0.3 in stage 1.0: java.io.IOException: no way");
    workers.train(0);
    assertThat(hub.jobEnded(failure)).isTrue();
    assertThat(hub.jobEnded(failure)).isFalse();
  }

  @Test
  void a_job_that_somebody_cancelled_stays_so() {
    workers.train(0);
    assertThat(hub.jobEnded(new IllegalStateException("Job 3 cancelled by me"))).isFalse();
    assertThatThrownBy(hub::take).hasMessageContaining("cancelled by me");
  }

  @Test
  void a_worker_that_keeps_failing_is_not_started_again() {
    Attempt a = workers.join(0);
    workers.train(0);
    hub.report(a, false, "out of luck");
    hub.leave(a);
    assertThat(hub.jobEnded(lostExecutor())).isFalse();
    assertThatThrownBy(hub::take).hasMessageEndingWith("out of luck");
  }

  @Test
  void a_failed_job_is_explained_by_what_its_worker_said() {
    Attempt a = workers.join(0);
    workers.train(0);
    hub.report(a, false, "java.lang.OutOfMemoryError: Java heap space");
    hub.leave(a);
    hub.jobEnded(new IllegalStateException("Job aborted\n\tat soup"));
    assertThatThrownBy(hub::take)
        .isInstanceOf(ClusterException.class)
        .hasMessage(
            "worker 1 of 2 (shard 1) failed on host 0: java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void a_failed_job_without_a_word_of_its_workers_is_told_in_one_line() {
    workers.train(0);
    hub.jobEnded(new IllegalStateException("Job aborted: executor lost\n\tat soup"));
    assertThatThrownBy(hub::take)
        .hasMessage("the workers' Spark job is over: Job aborted: executor lost");
  }

  @Test
  void an_attempt_that_works_makes_the_failure_before_it_forgotten() {
    Attempt a = workers.join(0);
    hub.report(a, false, "out of luck");
    hub.leave(a);
    workers.join(0);
    workers.train(0);
    hub.jobEnded(new IllegalStateException("Job aborted: executor lost"));
    assertThatThrownBy(hub::take).hasMessageContaining("executor lost");
  }

  @Test
  void bad_data_end_the_run_at_once_and_for_good() {
    Attempt a = workers.join(0);
    hub.report(a, true, "poem.txt is empty.");
    assertThatThrownBy(() -> workers.train(0))
        .isInstanceOf(InputException.class)
        .hasMessage("poem.txt is empty.");
    hub.jobEnded(null);
    assertThatThrownBy(() -> workers.train(0)).hasMessage("poem.txt is empty.");
  }

  private static Exception lostExecutor() {
    return new IllegalStateException(
        "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent"
            + " failure: Lost task 0.3 in stage 1.0 (TID 9) (host executor 2): ExecutorLostFailure"
            + " (executor 2 exited caused by one of the running tasks) Reason: Command exited with"
            + " code 137\nDriver stacktrace:");
  }
}
