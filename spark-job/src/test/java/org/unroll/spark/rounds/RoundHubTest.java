// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.model.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;
import org.unroll.spark.wire.Runs;

class RoundHubTest {
  private static final float[] PARAMS = {1, 2};
  private static final int[] ALL = Runs.all(PARAMS.length);

  private final RoundHub hub = hub(Duration.ofMinutes(1));

  /** Two workers of one shard each, with a state of one number. */
  private static RoundHub hub(Duration patience) {
    WorkerPlan plan = new WorkerPlan(new UUID(1, 2), 2, new OneNumberWork());
    return new RoundHub(plan, patience);
  }

  private record OneNumberWork() implements ShardWork {
    @Override
    public int shards() {
      return 2;
    }

    @Override
    public int parameters() {
      return PARAMS.length;
    }

    @Override
    public Wire wire() {
      return Wire.FP32;
    }

    @Override
    public int windows() {
      return 1;
    }

    @Override
    public int stateSize(int shard) {
      return 1;
    }

    @Override
    public boolean has(Split split) {
      return true;
    }

    @Override
    public ShardHost open(int first, int end) {
      throw new AssertionError("nothing is computed here");
    }
  }

  private final class Peer extends Session {
    final List<Command> commands = new ArrayList<>();

    Peer(int worker) {
      super(worker, new Holding());
      hub.join(this);
    }

    @Override
    void deliver(Command command) {
      commands.add(command);
    }

    @Override
    void flush() {}

    @Override
    String where() {
      return "host " + worker;
    }

    Command last() {
      return commands.get(commands.size() - 1);
    }

    void contribute(float state) {
      hub.contribute(this, contribution(last().round(), state));
    }
  }

  private static Contribution contribution(long round, float state) {
    return new Contribution(
        round,
        List.of(),
        List.of(Evaluation.of(new Loss(round, 1))),
        new float[] {state},
        WorkerTimes.NONE);
  }

  private void train(int step) {
    hub.train(new Window(0, step, step), PARAMS, ALL);
  }

  private List<Integer> takeBoth() {
    return List.of(hub.take().worker(), hub.take().worker());
  }

  @Test
  void all_that_wait_are_told_when_a_round_begins() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    assertThat(a.commands).isEmpty();
    train(0);
    Command expected = Command.train(1, new Window(0, 0, 0), PARAMS).with(PARAMS, ALL, null);
    for (Peer peer : List.of(a, b)) {
      assertThat(peer.commands).usingRecursiveComparison().isEqualTo(List.of(expected));
    }
  }

  @Test
  void contributions_come_in_order_of_arrival() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    train(0);
    b.contribute(1);
    a.contribute(2);
    assertThat(takeBoth()).containsExactly(1, 0);
  }

  @Test
  void parameters_travel_only_when_they_changed() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    hub.evaluate(Split.VALID, PARAMS, ALL);
    a.contribute(0);
    b.contribute(0);
    takeBoth();
    hub.train(new Window(0, 0, 0), PARAMS, Runs.NONE);
    assertThat(a.commands).extracting(Command::params).containsExactly(PARAMS, null);
    assertThat(new Peer(1).last().params()).isEqualTo(PARAMS);
  }

  @Test
  void only_what_changed_travels_to_those_who_surely_have_the_rest() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    Peer copy = new Peer(1);
    train(0);
    a.contribute(1);
    b.contribute(2);
    takeBoth();
    copy.contribute(2);
    int[] second = {1, 2};
    hub.train(new Window(0, 1, 1), PARAMS, second);
    assertThat(a.last().changed()).isEqualTo(second);
    assertThat(b.last().changed()).isEqualTo(second);
    assertThat(copy.last().changed()).as("counted too late to be sure").isEqualTo(ALL);
    assertThat(new Peer(0).last().changed()).isEqualTo(ALL);
  }

  @Test
  void a_worker_that_missed_a_change_gets_all() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    Peer slow = new Peer(1);
    train(0);
    a.contribute(1);
    b.contribute(2);
    takeBoth();
    train(1);
    a.contribute(1);
    b.contribute(2);
    takeBoth();
    hub.train(new Window(0, 2, 2), PARAMS, new int[] {0, 1});
    slow.contribute(2);
    assertThat(slow.last().changed()).isEqualTo(ALL);
    assertThat(a.last().changed()).containsExactly(0, 1);
  }

  @Test
  void a_worker_that_comes_again_in_the_middle_of_a_round_goes_on_where_its_shards_stand() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    train(0);
    a.contribute(10);
    b.contribute(20);
    takeBoth();
    train(1);
    a.contribute(11);
    hub.leave(b);
    Peer again = new Peer(1);
    assertThat(again.commands).hasSize(1);
    assertThat(again.last().window()).isEqualTo(new Window(0, 1, 1));
    assertThat(again.last().params()).isEqualTo(PARAMS);
    assertThat(again.last().states()).containsExactly(20);
    again.contribute(21);
    assertThat(takeBoth()).containsExactly(0, 1);
    train(2);
    assertThat(again.last().states()).isNull();
    assertThat(new Peer(0).last().states()).containsExactly(11);
  }

  @Test
  void evaluation_leaves_the_states_alone() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    train(0);
    a.contribute(10);
    b.contribute(20);
    takeBoth();
    hub.evaluate(Split.VALID, PARAMS, ALL);
    a.contribute(99);
    b.contribute(99);
    takeBoth();
    train(1);
    assertThat(a.last().states()).isNull();
    assertThat(new Peer(1).last().states()).containsExactly(20);
  }

  @Test
  void of_two_attempts_the_first_counts_and_the_late_one_starts_anew() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    Peer copy = new Peer(1);
    train(0);
    b.contribute(20);
    copy.contribute(-1);
    a.contribute(10);
    assertThat(takeBoth()).containsExactly(1, 0);
    assertThat(copy.commands).hasSize(1);
    hub.train(new Window(0, 1, 1), PARAMS, Runs.NONE);
    assertThat(b.last().params()).isNull();
    assertThat(b.last().states()).isNull();
    assertThat(copy.last().params()).isEqualTo(PARAMS);
    assertThat(copy.last().states()).containsExactly(20);
  }

  @Test
  void a_straggler_of_an_earlier_round_is_told_the_current_one() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    Peer copy = new Peer(1);
    train(0);
    a.contribute(10);
    b.contribute(20);
    takeBoth();
    train(1);
    assertThat(copy.commands).hasSize(1);
    copy.contribute(-1);
    assertThat(copy.last().window()).isEqualTo(new Window(0, 1, 1));
    assertThat(copy.last().states()).containsExactly(20);
    copy.contribute(21);
    a.contribute(11);
    assertThat(takeBoth()).containsExactly(1, 0);
    b.contribute(-1);
    train(2);
    assertThat(b.last().states()).containsExactly(21);
  }

  @Test
  void restored_states_come_with_the_first_command_and_stay_until_a_round_counts() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    hub.restore(List.of(new float[] {5}, new float[] {6}));
    assertThat(hub.states()).containsExactly(new float[] {5}, new float[] {6});
    train(7);
    assertThat(a.last().states()).containsExactly(5);
    assertThat(b.last().states()).containsExactly(6);
    a.contribute(10);
    assertThat(new Peer(1).last().states()).containsExactly(6);
    b.contribute(20);
    takeBoth();
    assertThat(hub.states()).containsExactly(new float[] {10}, new float[] {20});
    train(8);
    assertThat(a.last().states()).isNull();
  }

  @Test
  void states_of_other_shards_are_refused() {
    assertThatThrownBy(() -> hub.restore(List.of(new float[] {5})))
        .hasMessage("there are 2 shards but states of 1");
    assertThatThrownBy(() -> hub.restore(List.of(new float[] {5}, new float[] {6, 7})))
        .hasMessage("shard 2 carries 1 numbers but its state has 2");
    assertThat(hub.states()).containsOnly(Contribution.NO_STATES);
  }

  @Test
  void workers_that_do_not_start_are_counted() {
    RoundHub impatient = hub(Duration.ZERO);
    assertThatThrownBy(impatient::awaitWorkers)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("Only 0 of 2 workers started within 0 s");
  }

  @Test
  void a_worker_that_does_not_come_back_ends_the_run() {
    RoundHub impatient = hub(Duration.ofMillis(50));
    impatient.train(new Window(0, 0, 0), PARAMS, ALL);
    assertThatThrownBy(impatient::take)
        .isInstanceOf(WorkerFailedException.class)
        .hasMessageStartingWith("worker 1 of 2 (shard 1) was lost and has not come back");
    assertThat(impatient.isHealthy()).isFalse();
  }

  @Test
  void a_worker_whose_machine_died_is_absent_although_its_connection_stays_open() {
    RoundHub impatient = hub(Duration.ofMillis(50));
    for (int w = 0; w < 2; w++) {
      impatient.join(new Mute(w));
      impatient.attempts(w, 1);
    }
    impatient.train(new Window(0, 0, 0), PARAMS, ALL);
    impatient.attempts(1, 0);
    assertThatThrownBy(impatient::take)
        .isInstanceOf(WorkerFailedException.class)
        .hasMessageStartingWith("worker 2 of 2 (shard 2) was lost and has not come back")
        .hasMessageContaining("1 of 2 workers are running");
  }

  @Test
  void a_worker_that_spark_gave_up_starts_again_as_long_as_rounds_go_on() {
    for (int step = 0; step < 10; step++) {
      train(step);
      assertThat(hub.jobEnded(lostExecutor())).isTrue();
    }
    for (int i = 1; i < Restarts.LIMIT; i++) {
      assertThat(hub.jobEnded(lostExecutor())).isTrue();
    }
    assertThat(hub.jobEnded(lostExecutor())).isFalse();
    assertThatThrownBy(hub::take)
        .isInstanceOf(WorkerFailedException.class)
        .hasMessageStartingWith("the workers' Spark job is over: Job aborted")
        .hasMessageContaining("Reason: Command exited with code 137. Executors die again");
  }

  @Test
  void what_fails_by_itself_starts_again_only_after_a_round() {
    Exception failure =
        new IllegalStateException(
            "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent"
                + " failure: Lost task 0.3 in stage 1.0: java.io.IOException: no way");
    train(0);
    assertThat(hub.jobEnded(failure)).isTrue();
    assertThat(hub.jobEnded(failure)).isFalse();
  }

  @Test
  void a_job_that_somebody_cancelled_stays_so() {
    train(0);
    assertThat(hub.jobEnded(new IllegalStateException("Job 3 cancelled by me"))).isFalse();
    assertThatThrownBy(hub::take).hasMessageContaining("cancelled by me");
  }

  @Test
  void a_worker_that_keeps_failing_is_not_started_again() {
    Peer a = new Peer(0);
    train(0);
    hub.report(a, false, "out of luck");
    hub.leave(a);
    assertThat(hub.jobEnded(lostExecutor())).isFalse();
    assertThatThrownBy(hub::take).hasMessageEndingWith("out of luck");
  }

  private static Exception lostExecutor() {
    return new IllegalStateException(
        "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent"
            + " failure: Lost task 0.3 in stage 1.0 (TID 9) (host executor 2): ExecutorLostFailure"
            + " (executor 2 exited caused by one of the running tasks) Reason: Command exited with"
            + " code 137\nDriver stacktrace:");
  }

  /** A session that hears nothing. */
  private static final class Mute extends Session {
    Mute(int worker) {
      super(worker, new Holding());
    }

    @Override
    void deliver(Command command) {}

    @Override
    void flush() {}

    @Override
    String where() {
      return "nowhere";
    }
  }

  @Test
  void a_failed_job_is_explained_by_what_its_worker_said() {
    Peer a = new Peer(0);
    train(0);
    hub.report(a, false, "java.lang.OutOfMemoryError: Java heap space");
    hub.leave(a);
    hub.jobEnded(new IllegalStateException("Job aborted\n\tat soup"));
    assertThatThrownBy(hub::take)
        .isInstanceOf(WorkerFailedException.class)
        .hasMessage(
            "worker 1 of 2 (shard 1) failed on host 0: java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void a_failed_job_without_a_word_of_its_workers_is_told_in_one_line() {
    train(0);
    hub.jobEnded(new IllegalStateException("Job aborted: executor lost\n\tat soup"));
    assertThatThrownBy(hub::take)
        .hasMessage("the workers' Spark job is over: Job aborted: executor lost");
  }

  @Test
  void an_attempt_that_works_makes_the_failure_before_it_forgotten() {
    Peer a = new Peer(0);
    hub.report(a, false, "out of luck");
    hub.leave(a);
    new Peer(0);
    train(0);
    hub.jobEnded(new IllegalStateException("Job aborted: executor lost"));
    assertThatThrownBy(hub::take).hasMessageContaining("executor lost");
  }

  @Test
  void bad_data_end_the_run_at_once_and_for_good() {
    Peer a = new Peer(0);
    hub.report(a, true, "poem.txt is empty.");
    assertThatThrownBy(() -> train(0))
        .isInstanceOf(InputException.class)
        .hasMessage("poem.txt is empty.");
    hub.jobEnded(null);
    assertThatThrownBy(() -> train(0)).hasMessage("poem.txt is empty.");
  }

  @Test
  void a_stop_reaches_those_that_wait_and_those_that_come_later() {
    Peer a = new Peer(0);
    Peer b = new Peer(1);
    train(0);
    a.contribute(1);
    hub.stop();
    assertThat(a.last()).isEqualTo(Command.STOP);
    assertThat(b.last().kind()).isEqualTo(Command.Kind.TRAIN);
    b.contribute(1);
    assertThat(b.last()).isEqualTo(Command.STOP);
    assertThat(new Peer(1).last()).isEqualTo(Command.STOP);
    assertThatThrownBy(() -> train(1)).hasMessage("the rounds were closed");
  }
}
