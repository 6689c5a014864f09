// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** Plans of tiny models, measured in one process. */
class PlanTest {
  @TempDir Path folder;

  private static Outcome plan(String... words) {
    Stream<String> quick =
        Stream.of(
            "plan",
            "--master",
            "local[2]",
            "--rounds",
            "1",
            "--seconds",
            "0.01",
            "--warm-up",
            "0",
            "--hidden",
            "8",
            "--layers",
            "1",
            "--window",
            "5");
    Outcome outcome = Shell.run(Stream.concat(quick, Stream.of(words)).toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  @Test
  void random_tokens_as_json() throws IOException {
    Outcome outcome =
        plan("--vocab-size", "1000", "--batch", "6", "--executors", "1,2,64", "--json");
    assertThat(outcome.out().lines()).hasSize(1);
    JsonNode plan = new ObjectMapper().readTree(outcome.out());
    assertThat(plan.get("shards"))
        .extracting(s -> s.get("rows").asInt())
        .containsExactly(1, 2, 3, 6);
    // A row's five tokens write fewer rows of the embedding than the batch's thirty.
    assertThat(plan.at("/shards/0/floats").asDouble())
        .isLessThan(plan.at("/shards/3/floats").asDouble())
        .isLessThan(plan.get("parameters").asDouble());
    for (String reduction : new String[] {"driver", "shared"}) {
      JsonNode predictions = plan.get(reduction).get("predictions");
      assertThat(predictions).extracting(p -> p.get("executors").asInt()).containsExactly(1, 2, 6);
      JsonNode two = predictions.get(1);
      double seconds =
          (two.get("compute_ms").asDouble()
                  + two.get("exchange_ms").asDouble()
                  + two.get("update_ms").asDouble())
              / 1e3;
      assertThat(two.get("tokens_per_second").asDouble())
          .isCloseTo(6 * 5 / seconds, within(1e-6 / seconds));
    }
    assertThat(plan.get("check")).extracting(t -> t.get("workers").asInt()).containsExactly(1, 2);
    JsonNode trial = plan.at("/check/1");
    double predicted = trial.get("predicted_tokens_per_second").asDouble();
    double measured = trial.get("measured_tokens_per_second").asDouble();
    assertThat(trial.get("relative_error").asDouble())
        .isCloseTo(predicted / measured - 1, within(1e-9));
  }

  @Test
  void a_text_and_a_network_for_people() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "to be or not to be\n".repeat(50));
    String out =
        plan(
                "--input",
                text.toString(),
                "--batch",
                "4",
                "--executors",
                "1,2,3,1000",
                "--bandwidth",
                "1Gbit",
                "--latency",
                "0.5ms",
                "--scaling",
                "weak")
            .out();
    assertThat(out)
        .contains(
            "Sums of the driver",
            "Sums that executors share",
            "Fewer rounds",
            "125 MB/s, 0.5 ms more latency")
        .containsPattern("(?m)^1,000 .* %  .* ms .* ms .* ms .* [kM]?B$")
        .containsPattern(
            "2 workers here, sums of the driver: predicted [\\d.,]+ tokens/s, measured [\\d.,]+")
        .doesNotContain("feeds at most");
    assertThat(out.lines()).allMatch(line -> line.length() <= 120);
  }

  @Test
  void rounds_of_several_windows_with_numbers_of_16_bits() throws IOException {
    String[] words = {
      "--vocab-size", "1000", "--batch", "4", "--executors", "1,4", "--check", "2", "--json"
    };
    JsonNode plain = new ObjectMapper().readTree(plan(words).out());
    String[] more = {"--wire", "bf16", "--accumulate", "2", "--local-steps", "3"};
    Stream<String> all = Stream.concat(Stream.of(words), Stream.of(more));
    JsonNode plan = new ObjectMapper().readTree(plan(all.toArray(String[]::new)).out());
    // Adam's moments go along, of numbers that are half as long.
    double parameters = plan.get("parameters").asDouble();
    assertThat(plan.at("/driver/predictions/1/driver_bytes").asDouble())
        .isEqualTo(4 * 2 * 3 * 2 * parameters);
    assertThat(plain.at("/driver/predictions/1/driver_bytes").asDouble())
        .isLessThan(4 * 2 * 4 * parameters);
    assertThat(plan.has("fewer_rounds")).isFalse();
    assertThat(plain.at("/fewer_rounds/1/accumulate 4").asDouble()).isPositive();
    assertThat(plan.get("check")).extracting(t -> t.get("workers").asInt()).containsExactly(2);
    assertThat(plan.at("/check/0/measured_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void presets_are_taken() {
    String out =
        plan("@conf/ptb-small.args", "--hidden", "8", "--embedding", "8", "--vocab-size", "50")
            .out();
    assertThat(out).contains("A batch of 20 streams feeds at most 20 executors");
  }
}
