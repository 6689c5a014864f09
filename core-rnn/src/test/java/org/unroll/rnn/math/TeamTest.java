// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeamTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void every_part_of_every_task_is_done_once(int threads) {
    Team team = new Team(threads);
    AtomicIntegerArray done = new AtomicIntegerArray(threads);
    for (int i = 0; i < 1000; i++) {
      team.run(
          (part, parts) -> {
            assertThat(parts).isEqualTo(threads);
            done.incrementAndGet(part);
          });
    }
    for (int part = 0; part < threads; part++) {
      assertThat(done.get(part)).isEqualTo(1000);
    }
  }

  @Test
  void a_task_sees_what_was_written_before_it_and_the_caller_what_it_wrote() {
    Team team = new Team(3);
    int[] x = new int[3];
    for (int i = 1; i <= 2000; i++) {
      Arrays.fill(x, i);
      team.run((part, parts) -> x[part] = -x[part]);
      assertThat(x).containsOnly(-i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void what_a_part_throws_reaches_the_caller_after_the_others_have_ended(int thrower) {
    Team team = new Team(3);
    boolean[] ended = new boolean[3];
    assertThatThrownBy(
            () ->
                team.run(
                    (part, parts) -> {
                      if (part == thrower) {
                        throw new IllegalStateException("part " + part);
                      }
                      ended[part] = true;
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("part " + thrower);
    for (int part = 0; part < 3; part++) {
      assertThat(ended[part]).isEqualTo(part != thrower);
    }
    team.run((part, parts) -> ended[part] = false);
    assertThat(ended).containsOnly(false);
  }

  @Test
  void helpers_that_slept_wake_up() throws InterruptedException {
    Team team = new Team(2);
    int[] done = new int[2];
    for (int i = 0; i < 5; i++) {
      team.run((part, parts) -> done[part]++);
      Thread.sleep(5);
    }
    assertThat(done).containsOnly(5);
  }

  @Test
  void parts_of_a_length_differ_by_one_at_most() {
    for (int length = 0; length < 20; length++) {
      for (int parts = 1; parts < 7; parts++) {
        assertThat(Team.start(length, 0, parts)).isZero();
        assertThat(Team.start(length, parts, parts)).isEqualTo(length);
        for (int part = 0; part < parts; part++) {
          int size = Team.start(length, part + 1, parts) - Team.start(length, part, parts);
          assertThat(size).isBetween(length / parts, length / parts + 1);
        }
      }
    }
  }

  @Test
  void a_team_of_nobody_is_refused() {
    assertThatThrownBy(() -> new Team(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be positive but was 0");
  }
}
