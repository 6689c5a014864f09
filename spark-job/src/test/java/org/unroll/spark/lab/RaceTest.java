// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The measuring itself, with contenders that only say how long they took. */
class RaceTest {
  private final List<String> log = new ArrayList<>();

  /** Takes these seconds for a step, run by run, the last for ever after. */
  private Contender contender(String name, double... secondsPerStep) {
    int[] runs = {0};
    return new Contender(
        name,
        request -> {
          log.add(name + " " + request);
          String[] words = request.split(" ");
          return switch (words[0]) {
            case "run" -> {
              long times = Long.parseLong(words[1]);
              int run = Math.min(runs[0]++, secondsPerStep.length - 1);
              yield "ok " + times * secondsPerStep[run] + " " + times * 8 * (run + 1);
            }
            case "limit" -> "ok " + (100 + log.size() % 2);
            case "workspace" -> "ok 4096";
            default -> "ok";
          };
        });
  }

  private static Race race(int rounds, double seconds, double warmUp) {
    return new Race(new Race.Pace(rounds, seconds, warmUp), progress -> {});
  }

  @Test
  void medians_of_the_rounds_count() {
    Contender ours = contender("ours", 9, 2, 50, 4, 3, 1);
    Contender peer = contender("peer", 6);
    Race.Result result = race(5, 1, 0).run(List.of(ours, peer), "work");
    assertThat(result.score("ours").seconds()).isEqualTo(3);
    assertThat(result.score("ours").bytes()).isEqualTo(8 * 4);
    assertThat(result.score("peer").seconds()).isEqualTo(6);
    assertThat(result.ratio("ours", "peer")).isEqualTo(2);
    assertThat(result.ratio("peer", "ours")).isEqualTo(0.5);
    assertThat(result.limits()).hasSize(5);
    assertThat(result.limit()).isBetween(100.0, 101.0);
    assertThat(result.score("ours").workspaceBytes()).isEqualTo(4096);
    assertThat(result.score("peer").limit()).isBetween(100.0, 101.0);
    assertThat(result.score("peer")).isNotNull();
    assertThat(result.score("other")).isNull();
  }

  @Test
  void a_ratio_is_the_median_of_those_within_the_rounds() {
    // The machine is half as fast in the second round and a third as fast in the third.
    Contender ours = contender("ours", 9, 1, 2, 3);
    Contender peer = contender("peer", 9, 2, 4, 9);
    Race.Result result = race(3, 1, 0).run(List.of(ours, peer), "work");
    assertThat(result.ratio("ours", "peer")).isEqualTo(2);
    assertThat(result.score("ours").seconds()).isEqualTo(2);
  }

  @Test
  void a_median_of_an_even_number_lies_between_two() {
    assertThat(Race.median(List.of(4.0, 1.0, 3.0, 100.0))).isEqualTo(3.5);
    assertThat(Race.median(List.of(7.0))).isEqualTo(7);
  }

  @Test
  void everybody_has_a_turn_in_every_round_after_warming_up() {
    race(2, 1, 0).run(List.of(contender("a", 0.25), contender("b", 0.5)), "work");
    assertThat(log)
        .containsExactly(
            "a work",
            "a run 1",
            "b work",
            "b run 1",
            "a limit 0.0", //
            "a limit 0.1",
            "a run 4",
            "b run 2", //
            "a limit 0.1",
            "a run 4",
            "b run 2", //
            "a workspace",
            "a limit 0.0",
            "a limit 0.1",
            "b workspace",
            "b limit 0.0",
            "b limit 0.1");
  }

  @Test
  void a_turn_is_at_least_one_step() {
    race(1, 0.001, 0).run(List.of(contender("slow", 5)), "work");
    assertThat(log).contains("slow run 1").doesNotContain("slow run 0");
  }

  @Test
  void a_turn_has_more_steps_when_they_become_faster() {
    race(3, 1, 0).run(List.of(contender("a", 1, 0.5, 0.25)), "work");
    assertThat(log.stream().filter(line -> line.startsWith("a run")))
        .containsExactly("a run 1", "a run 1", "a run 2", "a run 4");
  }

  @Test
  void warming_up_goes_on_while_steps_become_faster() {
    double[] improving = IntStream.range(0, 10).mapToDouble(i -> Math.pow(0.8, i)).toArray();
    Race.Result result = race(1, 1, 2).run(List.of(contender("a", improving)), "work");
    assertThat(result.score("a").seconds()).isCloseTo(improving[9], within(1e-12));
  }

  @Test
  void a_contender_that_does_not_tell_what_it_allocates_has_no_figure() {
    Contender silent = new Contender("a", request -> request.startsWith("l") ? "ok 1" : "ok 2");
    assertThat(race(1, 1, 0).run(List.of(silent), "work").score("a").bytes()).isNaN();
  }

  @Test
  void a_person_sees_what_is_being_done() {
    List<String> progress = new ArrayList<>();
    new Race(new Race.Pace(2, 1, 0), progress::add).run(List.of(contender("a", 1)), "work");
    assertThat(progress).containsExactly("warming up a", "round 1 of 2", "round 2 of 2");
  }
}
