// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.unroll.spark.rounds.TwoWorkers.PARAMS;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Window;
import org.unroll.spark.rounds.TwoWorkers.Attempt;

/** Where the shards of a worker stand that is lost, comes again, or comes twice. */
class RoundHubStatesTest {
  private final TwoWorkers workers = new TwoWorkers();
  private final RoundHub hub = workers.hub;

  @Test
  void a_worker_that_comes_again_in_the_middle_of_a_round_goes_on_where_its_shards_stand() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    workers.round(0, a, b);
    workers.train(1);
    a.contribute(11);
    hub.leave(b);
    Attempt again = workers.join(1);
    assertThat(again.commands).hasSize(1);
    assertThat(again.last().window()).isEqualTo(new Window(0, 1, 1));
    assertThat(again.last().params()).isEqualTo(PARAMS);
    assertThat(again.last().states()).containsExactly(new float[] {20});
    again.contribute(21);
    assertThat(workers.take()).containsExactly(0, 1);
    workers.train(2);
    assertThat(again.last().states()).isNull();
    assertThat(workers.join(0).last().states()).containsExactly(new float[] {11});
  }

  @Test
  void evaluation_leaves_the_states_alone() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    workers.round(0, a, b);
    workers.evaluate();
    a.contribute(99);
    b.contribute(99);
    workers.take();
    workers.train(1);
    assertThat(a.last().states()).isNull();
    assertThat(workers.join(1).last().states()).containsExactly(new float[] {20});
  }

  @Test
  void of_two_attempts_the_first_counts_and_the_late_one_starts_anew() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    Attempt copy = workers.join(1);
    workers.train(0);
    b.contribute(20);
    copy.contribute(-1);
    a.contribute(10);
    assertThat(workers.take()).containsExactly(1, 0);
    assertThat(copy.commands).hasSize(1);
    workers.train(1, Runs.NONE);
    assertThat(b.last().params()).isNull();
    assertThat(b.last().states()).isNull();
    assertThat(copy.last().params()).isEqualTo(PARAMS);
    assertThat(copy.last().states()).containsExactly(new float[] {20});
  }

  @Test
  void a_straggler_of_an_earlier_round_is_told_the_current_one() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    Attempt copy = workers.join(1);
    workers.round(0, a, b);
    workers.train(1);
    assertThat(copy.commands).hasSize(1);
    copy.contribute(-1);
    assertThat(copy.last().window()).isEqualTo(new Window(0, 1, 1));
    assertThat(copy.last().states()).containsExactly(new float[] {20});
    copy.contribute(21);
    a.contribute(11);
    assertThat(workers.take()).containsExactly(1, 0);
    b.contribute(-1);
    workers.train(2);
    assertThat(b.last().states()).containsExactly(new float[] {21});
  }

  @Test
  void restored_states_come_with_the_first_command_and_stay_until_a_round_counts() {
    Attempt a = workers.join(0);
    Attempt b = workers.join(1);
    hub.restore(List.of(new float[] {5}, new float[] {6}));
    assertThat(hub.states()).containsExactly(new float[] {5}, new float[] {6});
    workers.train(7);
    assertThat(a.last().states()).containsExactly(new float[] {5});
    assertThat(b.last().states()).containsExactly(new float[] {6});
    a.contribute(10);
    assertThat(workers.join(1).last().states()).containsExactly(new float[] {6});
    b.contribute(20);
    workers.take();
    assertThat(hub.states()).containsExactly(new float[] {10}, new float[] {20});
    workers.train(8);
    assertThat(a.last().states()).isNull();
  }

  @Test
  void states_of_other_shards_are_refused() {
    assertThatThrownBy(() -> hub.restore(List.of(new float[] {5})))
        .hasMessage("there are 2 shards but states of 1");
    assertThatThrownBy(() -> hub.restore(List.of(new float[] {5}, new float[] {6, 7})))
        .hasMessage("shard 2 carries 1 numbers but its state has 2");
    assertThat(hub.states()).containsOnly(Learner.NO_STATE);
  }
}
