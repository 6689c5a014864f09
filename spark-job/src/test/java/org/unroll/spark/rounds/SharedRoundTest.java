// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.WorkerTimes;

/** When a round that executors share counts, and what becomes of it if somebody comes or goes. */
@Timeout(60)
class SharedRoundTest {
  private static final int PARAMETERS = 3 * ShardTree.SLICE + 5;
  private static final float[] PARAMS = new float[PARAMETERS];
  private static final int[] ALL = Runs.all(PARAMETERS);

  private RoundHub hub = hub(SumKind.SHARED);

  private static RoundHub hub(SumKind sum) {
    NumbersWork work = new NumbersWork(3, PARAMETERS, 1);
    WorkerPlan plan = new WorkerPlan(new UUID(1, 2), 3, work, sum);
    return new RoundHub(plan, () -> Duration.ofMinutes(1), () -> 3);
  }

  /** An executor with one worker, which remembers what it was told. */
  private static final class Host extends Session.Peer {
    final int number;
    final List<Command> commands = new ArrayList<>();
    final List<Owners> owners = new ArrayList<>();
    final List<int[]> recalls = new ArrayList<>();

    Host(int number) {
      this.number = number;
    }

    @Override
    void deliver(Session session, Command command) {
      commands.add(command);
    }

    @Override
    void share(Owners told) {
      owners.add(told);
    }

    @Override
    void recall(Command command, int[] changed) {
      recalls.add(changed);
    }

    @Override
    Transport.Address address() {
      return new Transport.Address("host", number);
    }

    @Override
    boolean isNear() {
      return false;
    }

    @Override
    String where() {
      return "host";
    }
  }

  private final class Attempt extends Session {
    final Host host;

    Attempt(int worker, int number) {
      super(worker, new Host(number));
      host = (Host) peer;
      hub.join(this);
    }

    Contribution contribution(float state) {
      List<Evaluation> parts = List.of(Evaluation.of(new Loss(1, 1)));
      Contribution.Share share = new Contribution.Share(0, worker, WorkerTimes.NONE, parts);
      float[] own = new float[1 + worker];
      own[0] = state;
      return new Contribution(round(), share, List.of(), List.of(own));
    }

    void hold(float state) {
      hub.hold(this, contribution(state));
    }

    void contribute(float state) {
      hub.contribute(this, contribution(state));
    }

    void total() {
      hub.total(peer, round());
    }

    Owners told() {
      return host.owners.get(host.owners.size() - 1);
    }
  }

  private long round() {
    return hub.nextRound() - 1;
  }

  private void train(int step) {
    hub.begin(Command.train(hub.nextRound(), new Window(0, step, step), PARAMS), ALL);
  }

  /** The states of the first number of every worker. */
  private List<Float> states() {
    return hub.states().stream().map(s -> s.length == 0 ? Float.NaN : s[0]).toList();
  }

  private List<Attempt> three() {
    return List.of(new Attempt(0, 10), new Attempt(1, 11), new Attempt(2, 12));
  }

  private void takeAll() {
    for (int i = 0; i < 3; i++) {
      hub.take();
    }
  }

  @Test
  void all_are_told_who_owns_what() {
    List<Attempt> attempts = three();
    train(0);
    for (int i = 0; i < 3; i++) {
      Owners told = attempts.get(i).told();
      assertThat(told.self()).isEqualTo(i);
      assertThat(told.pass()).isTrue();
      assertThat(told.all())
          .extracting(owner -> owner.address().port())
          .containsExactly(10, 11, 12);
      assertThat(told.all())
          .extracting(Owners.Owner::span)
          .containsExactly(
              new Span(0, ShardTree.SLICE),
              new Span(ShardTree.SLICE, 2 * ShardTree.SLICE),
              new Span(2 * ShardTree.SLICE, PARAMETERS));
    }
  }

  @Test
  void a_round_counts_when_all_shares_and_all_totals_are_there() {
    List<Attempt> attempts = three();
    train(0);
    attempts.forEach(a -> a.hold(7));
    attempts.get(2).total();
    attempts.get(0).total();
    assertThat(states()).containsOnly(Float.NaN);
    attempts.get(1).total();
    assertThat(states()).containsExactly(7f, 7f, 7f);
    takeAll();
  }

  @Test
  void whoever_is_lost_takes_his_share_with_him_and_the_others_send_theirs_again() {
    List<Attempt> attempts = three();
    train(0);
    attempts.get(0).hold(7);
    attempts.get(1).hold(7);
    attempts.get(1).total();
    hub.leave(attempts.get(1));
    assertThat(attempts.get(0).host.recalls).as("it has the parameters").containsExactly(Runs.NONE);
    assertThat(attempts.get(2).host.recalls).as("it may lack some").containsExactly(ALL);
    assertThat(attempts.get(1).host.recalls).isEmpty();
    attempts.get(0).contribute(8);
    attempts.get(2).contribute(8);
    assertThat(states()).containsExactly(8f, Float.NaN, 8f);
    Attempt next = new Attempt(1, 13);
    assertThat(next.host.commands).hasSize(1);
    next.contribute(9);
    takeAll();
    assertThat(states()).containsExactly(8f, 9f, 8f);

    train(1);
    assertThat(next.told().all()).extracting(owner -> owner.address().port()).contains(10, 12, 13);
  }

  @Test
  void a_share_that_comes_after_its_round_was_recalled_does_not_count() {
    List<Attempt> attempts = three();
    train(0);
    hub.broken(round(), "no way");
    attempts.get(0).hold(7);
    assertThat(states()).containsOnly(Float.NaN);
    attempts.forEach(a -> a.contribute(8));
    takeAll();
    assertThat(states()).containsExactly(8f, 8f, 8f);
  }

  @Test
  void a_worker_that_spark_runs_no_more_disturbs_the_round() {
    List<Attempt> attempts = three();
    train(0);
    hub.attempts(1, 0);
    assertThat(attempts.get(0).host.recalls).hasSize(1);
  }

  @Test
  void a_round_in_which_a_worker_is_twice_there_is_the_driver_s() {
    List<Attempt> attempts = new ArrayList<>(three());
    attempts.add(new Attempt(2, 14));
    train(0);
    assertThat(attempts).allSatisfy(attempt -> assertThat(attempt.host.owners).isEmpty());
    assertThat(attempts).allSatisfy(attempt -> assertThat(attempt.host.commands).hasSize(1));
  }

  @Test
  void after_five_broken_rounds_the_driver_adds_for_good() {
    List<Attempt> attempts = three();
    for (int step = 0; step < 6; step++) {
      train(step);
      hub.broken(round(), "nobody listens");
      attempts.forEach(a -> a.contribute(8));
      takeAll();
    }
    assertThat(attempts.get(0).host.owners).hasSize(5);
    assertThat(hub.shares()).isFalse();
  }

  @Test
  void parameters_that_a_newcomer_lacks_go_out_in_full() {
    List<Attempt> attempts = three();
    train(0);
    attempts.forEach(a -> a.hold(7));
    attempts.forEach(Attempt::total);
    takeAll();
    hub.leave(attempts.get(2));
    Attempt next = new Attempt(2, 15);
    int[] few = {0, 256};
    hub.begin(Command.train(hub.nextRound(), new Window(0, 1, 1), PARAMS), few);
    assertThat(next.host.commands.get(0).changed()).isEqualTo(ALL);
    assertThat(attempts.get(0).host.commands.get(1).changed()).isEqualTo(ALL);
    assertThat(attempts.get(0).told().all()).hasSize(3);
  }

  @Test
  void by_itself_the_driver_adds_small_gradients() {
    hub = hub(SumKind.AUTO);
    three();
    assertThat(hub.shares()).isFalse();
    hub = hub(SumKind.DRIVER);
    three();
    assertThat(hub.shares()).isFalse();
  }

  @Test
  void spans_cover_every_position_once() {
    for (int size : new int[] {1, ShardTree.SLICE, ShardTree.SLICE + 1, PARAMETERS, 20_000_000}) {
      for (int most = 1; most < 9; most++) {
        List<Span> spans = Span.cut(size, most);
        assertThat(spans).hasSizeLessThanOrEqualTo(most);
        int at = 0;
        for (Span span : spans) {
          assertThat(span.from()).isEqualTo(at).matches(from -> from % ShardTree.SLICE == 0);
          assertThat(span.size()).isPositive();
          at = span.to();
        }
        assertThat(at).isEqualTo(size);
      }
    }
  }
}
