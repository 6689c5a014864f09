// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.unroll.spark.rounds.TwoWorkers.ALL;
import static org.unroll.spark.rounds.TwoWorkers.PARAMS;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.train.Window;
import org.unroll.spark.rounds.TwoWorkers.Attempt;

/** Who is told what, and whose contribution counts. */
class RoundHubTest {
  private final TwoWorkers workers = new TwoWorkers();
  private final RoundHub hub = workers.hub;

  @Test
  void all_that_wait_are_told_when_a_round_begins() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    assertThat(a.commands).isEmpty();
    workers.train(0);
    Command expected = Command.train(1, new Window(0, 0, 0), PARAMS).with(PARAMS, ALL, null);
    for (Attempt peer : List.of(a, b)) {
      assertThat(peer.commands).usingRecursiveComparison().isEqualTo(List.of(expected));
    }
  }

  @Test
  void contributions_come_in_order_of_arrival() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    workers.train(0);
    b.contribute(1);
    a.contribute(2);
    assertThat(workers.take()).containsExactly(1, 0);
  }

  @Test
  void parameters_travel_only_when_they_changed() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    workers.evaluate();
    a.contribute(0);
    b.contribute(0);
    workers.take();
    workers.train(0, Runs.NONE);
    assertThat(a.commands).extracting(Command::params).containsExactly(PARAMS, null);
    assertThat(workers.join(1).last().params()).isEqualTo(PARAMS);
  }

  @Test
  void only_what_changed_travels_to_those_who_surely_have_the_rest() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    Attempt copy = workers.join(1);
    workers.round(0, a, b);
    copy.contribute(2);
    int[] second = {1, 2};
    workers.train(1, second);
    assertThat(a.last().changed()).isEqualTo(second);
    assertThat(b.last().changed()).isEqualTo(second);
    assertThat(copy.last().changed()).as("counted too late to be sure").isEqualTo(ALL);
    assertThat(workers.join(0).last().changed()).isEqualTo(ALL);
  }

  @Test
  void a_worker_that_missed_a_change_gets_all() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    Attempt slow = workers.join(1);
    workers.round(0, a, b);
    workers.round(1, a, b);
    workers.train(2, new int[] {0, 1});
    slow.contribute(2);
    assertThat(slow.last().changed()).isEqualTo(ALL);
    assertThat(a.last().changed()).containsExactly(0, 1);
  }

  @Test
  void a_stop_reaches_those_that_wait_and_those_that_come_later() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    workers.train(0);
    a.contribute(1);
    hub.stop();
    assertThat(a.last()).isEqualTo(Command.STOP);
    assertThat(b.last().kind()).isEqualTo(Command.Kind.TRAIN);
    b.contribute(1);
    assertThat(b.last()).isEqualTo(Command.STOP);
    assertThat(workers.join(1).last()).isEqualTo(Command.STOP);
    assertThatThrownBy(() -> workers.train(1)).hasMessage("the rounds were closed");
  }
}
