// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.unroll.spark.cli.Shell.Outcome;

/** The measurement of rounds in one process, with tiny sizes. */
class BenchRoundsTest {
  private static Outcome bench(String... words) {
    Stream<String> quick =
        Stream.of(
            "bench",
            "rounds",
            "--master",
            "local[2]",
            "--rounds",
            "1",
            "--seconds",
            "0.01",
            "--warm-up",
            "0");
    return Shell.run(Stream.concat(quick, Stream.of(words)).toArray(String[]::new));
  }

  @Test
  void all_sizes_as_json() throws IOException {
    Outcome outcome = bench("--params", "10,1000", "--json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines()).hasSize(1);
    JsonNode rounds = new ObjectMapper().readTree(outcome.out()).get("rounds");
    assertThat(rounds).extracting(size -> size.get("params").asInt()).containsExactly(10, 1000);
    for (JsonNode size : rounds) {
      assertThat(size.fieldNames())
          .toIterable()
          .containsExactly(
              "params",
              "resident_ms",
              "shared_ms",
              "resident_bf16_ms",
              "job_ms",
              "empty_job_ms",
              "copy_ms");
      for (String figure :
          List.of(
              "resident_ms",
              "shared_ms",
              "resident_bf16_ms",
              "job_ms",
              "empty_job_ms",
              "copy_ms")) {
        assertThat(size.get(figure).asDouble()).as(figure).isPositive();
      }
    }
    assertThat(outcome.err()).contains("resident", "1,000", "local[2]");
  }

  @Test
  void a_table_for_people() {
    Outcome outcome = bench("--params", "300", "--workers", "1");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines().findFirst().orElseThrow())
        .containsSubsequence(
            "resident", "shared", "bf16", "job", "empty", "copy", "of empty", "of copy");
    assertThat(outcome.out())
        .containsPattern("(?m)^300 ( +[\\d.e-]+){8}$")
        .containsPattern("machine +\\S.*, \\d+ core")
        .containsPattern("workers +1");
    assertThat(outcome.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void some_contestants_alone() throws IOException {
    Outcome outcome = bench("--params", "10", "--only", "shared-bf16,copy", "--json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode size = new ObjectMapper().readTree(outcome.out()).get("rounds").get(0);
    assertThat(size.fieldNames())
        .toIterable()
        .containsExactly("params", "shared_bf16_ms", "copy_ms");
  }

  @Test
  void more_workers_than_slots_are_refused_with_both_numbers() {
    Outcome outcome = bench("--params", "10", "--workers", "3");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("3 workers need 3 task slots").contains("local[2] has 2");
  }

  @Test
  void parameters_that_do_not_fit_are_refused_before_anything_runs() {
    Outcome outcome = bench("--params", "2000000000");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("2,000,000,000 parameters need about 104 GB in the driver");
  }
}
