// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.lab.Race;
import org.unroll.spark.lab.TrainingCase;

/** The measurements with real processes, tiny cases, and a script in PyTorch's place. */
class BenchTest {
  private static final String TINY = "tiny=lstm:1x16:20:2:4";

  private static final String READER = "little=gru:1x16:12:20:tag-3:2:4-9:0.5-0.2";

  /** Of a case of training steps. */
  private static final String[] FIGURES = {
    "name",
    "tokens_per_second",
    "gflops",
    "limit_share",
    "pytorch_tokens_per_second",
    "ratio",
    "allocated_bytes_per_step",
    "workspace_bytes"
  };

  /** Half a second for whatever it is to do. */
  private static final String PEER =
      """
      #!/bin/sh
      while read -r command rest; do
        case "$command" in
          about) echo "ok PyTorch 0.0" ;;
          run) echo "ok 0.5" ;;
          *) echo ok ;;
        esac
      done
      """;

  @TempDir Path folder;
  private Path python;

  @BeforeEach
  void writePeer() throws IOException {
    python = Files.writeString(folder.resolve("python"), PEER);
    assertThat(python.toFile().setExecutable(true)).isTrue();
  }

  private Outcome bench(String... words) {
    Stream<String> quick =
        Stream.of("--rounds", "1", "--seconds", "0.01", "--warm-up", "0", "--python");
    String[] all =
        Stream.of(Stream.of("bench"), Stream.of(words), quick, Stream.of(python.toString()))
            .flatMap(stream -> stream)
            .toArray(String[]::new);
    Outcome outcome = Shell.run(all);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.out().lines()).hasSize(1);
    return new ObjectMapper().readTree(outcome.out());
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Our tokens a second, once the figures of a case fit together. */
  private static double checkedRate(JsonNode measured, Race.Work work) {
    double ours = measured.get("tokens_per_second").asDouble();
    double peers = measured.get("pytorch_tokens_per_second").asDouble();
    assertThat(peers).isCloseTo(work.tokens() / 0.5, within(1e-9));
    assertThat(measured.get("ratio").asDouble()).isCloseTo(ours / peers, within(1e-9 * ours));
    double gflops = ours / work.tokens() * work.flops() / 1e9;
    assertThat(measured.get("gflops").asDouble()).isCloseTo(gflops, within(1e-9 * gflops));
    assertThat(measured.get("workspace_bytes").asLong()).isPositive();
    return ours;
  }

  @Test
  void cells_as_json() throws IOException {
    Outcome outcome = bench("cells", "--cases", TINY, "--compare", "scalar", "--json");
    JsonNode result = json(outcome);
    assertThat(names(result)).containsExactly("limit_gflops", "cells");
    assertThat(result.get("cells")).hasSize(1);
    JsonNode cell = result.get("cells").get(0);
    assertThat(names(cell)).startsWith(FIGURES).hasSize(FIGURES.length + 1).endsWith("compare");
    assertThat(cell.get("name").asText()).isEqualTo("tiny");
    double ours = checkedRate(cell, TrainingCase.Family.CELLS.parse(TINY).work(1, 1));
    double limitShare = cell.get("gflops").asDouble() / result.get("limit_gflops").asDouble();
    assertThat(cell.get("limit_share").asDouble()).isCloseTo(limitShare, within(1e-9));
    JsonNode scalar = cell.get("compare").get("scalar");
    assertThat(names(scalar))
        .containsExactly(
            "tokens_per_second",
            "ratio",
            "ours_ratio",
            "limit_share",
            "allocated_bytes_per_step",
            "workspace_bytes");
    assertThat(scalar.get("ratio").asDouble() * scalar.get("ours_ratio").asDouble())
        .isCloseTo(1, within(1e-9));
    assertThat(scalar.get("ratio").asDouble())
        .isCloseTo(scalar.get("tokens_per_second").asDouble() / ours, within(1e-9));
    assertThat(outcome.err()).contains("tokens/s", "tiny", "PyTorch 0.0");
  }

  @Test
  void cells_for_people() {
    String out = bench("cells", "--cases", TINY, "--half", "--compare", "scalar").out();
    assertThat(out.lines().findFirst().orElseThrow())
        .containsSubsequence("tokens/s", "GFLOP/s", "of limit", "PyTorch", "ratio", "memory");
    assertThat(out.lines().skip(1).findFirst().orElseThrow()).startsWith("tiny ").contains(" % ");
    assertThat(out)
        .containsPattern("  scalar  [\\d.,]+ tokens/s, [\\d.]+ % of its own limit, [\\d.]+ of ours")
        .containsPattern("(?m)^tiny-half ")
        .containsPattern("machine +\\S.*, \\d+ core")
        .containsPattern("limit +[\\d.,]+ GFLOP/s on one thread")
        .containsPattern("ours +(vector|scalar).*, Java ")
        .containsPattern("pytorch +PyTorch 0.0");
    assertThat(out.lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void readers_as_json() throws IOException {
    Outcome outcome =
        bench("readers", "--cases", READER, "--threads", "2", "--seed", "5", "--json");
    JsonNode result = json(outcome);
    assertThat(names(result)).containsExactly("limit_gflops", "readers");
    JsonNode reader = result.at("/readers/0");
    assertThat(names(reader)).containsExactly(FIGURES);
    assertThat(checkedRate(reader, TrainingCase.Family.READERS.parse(READER).work(2, 5)))
        .isPositive();
  }

  @Test
  void readers_for_people() {
    String out = bench("readers", "--cases", READER, "--half").out();
    assertThat(out)
        .containsPattern("(?m)^little .* % ")
        .containsPattern("(?m)^little-half .* % ")
        .containsPattern("pytorch +PyTorch 0.0");
    assertThat(out.lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void garbage_of_readers_is_that_of_one_step() {
    Race.Work work = TrainingCase.Family.READERS.parse(READER).work(1, 1);
    Race.Result result =
        new Race.Result(
            List.of(10.0),
            Map.of("ours", new Race.Score(List.of(0.5), 40 * work.steps(), 1000, 10)));
    RaceCommand.Training command = new RaceCommand.Readers();
    command.threads = 1;
    assertThat(command.figures(work, List.of(), result))
        .containsEntry("allocated_bytes_per_step", 40L);
  }

  @Test
  void kernels_as_json() throws IOException {
    JsonNode result = json(bench("kernels", "--shapes", "5x17x3", "--json"));
    assertThat(names(result)).containsExactly("limit_gflops", "kernels");
    assertThat(result.get("kernels"))
        .extracting(kernel -> kernel.get("name").asText())
        .containsExactly("5x17x3 forward", "5x17x3 accumulate", "5x17x3 weight-gradient");
    JsonNode kernel = result.get("kernels").get(0);
    assertThat(names(kernel))
        .containsExactly("name", "m", "n", "k", "gflops", "limit_share", "pytorch_gflops", "ratio");
    assertThat(List.of(kernel.get("m").asInt(), kernel.get("n").asInt(), kernel.get("k").asInt()))
        .containsExactly(5, 17, 3);
    assertThat(kernel.get("pytorch_gflops").asDouble())
        .isCloseTo(2 * 5 * 17 * 3 / 0.5 / 1e9, within(1e-15));
  }

  @Test
  void without_pytorch_its_figures_are_absent() {
    RaceCommand.Training command = new RaceCommand.Cells();
    command.threads = 2;
    Race.Result result =
        new Race.Result(
            List.of(10.0, 30.0), Map.of("ours", new Race.Score(List.of(0.5), 40, 1000, 20)));
    Race.Work tiny = TrainingCase.Family.CELLS.parse(TINY).work(2, 1);
    Map<String, Object> figures = command.figures(tiny, List.of(), result);
    assertThat(figures)
        .containsOnlyKeys(
            "name",
            "tokens_per_second",
            "gflops",
            "limit_share",
            "allocated_bytes_per_step",
            "workspace_bytes")
        .containsEntry("tokens_per_second", 2 * 4 / 0.5)
        .containsEntry("allocated_bytes_per_step", 40L)
        .containsEntry("workspace_bytes", 1000L);
    double gflops = (double) figures.get("gflops");
    assertThat((double) figures.get("limit_share")).isCloseTo(gflops / (2 * 20), within(1e-12));
    ResultTable table = new ResultTable(List.of("tiny"), command.columns());
    assertThat(table.row("tiny", figures)).contains(" % ").containsPattern(" - +- ");
  }

  @Test
  void steps_run_on_several_threads() throws IOException {
    JsonNode cell =
        json(bench("cells", "--cases", TINY, "--threads", "2", "--json")).at("/cells/0");
    assertThat(cell.get("tokens_per_second").asDouble()).isPositive();
  }
}
