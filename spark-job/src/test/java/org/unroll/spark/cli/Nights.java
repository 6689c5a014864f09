// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * Nights of a retraining: a folder of input to which tests bring days, and a registry.
 *
 * @param folder of a test
 * @param options that every night has behind those of the registry, as they are typed
 */
record Nights(Path folder, String options) {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final Path TICKETS = Shell.HOME.resolve("data-samples/tickets");

  Path input() {
    return folder.resolve("in");
  }

  String registry() {
    return folder.resolve("registry").toString();
  }

  /** Runs a night on a registry that need not be the usual one; its clock is at 3 of a day. */
  Outcome retrain(int day, String registry, String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("retrain", "--registry", registry, "--name", "tickets", "--input"));
    words.addAll(List.of(input().toString(), "--master", "local[1]"));
    words.addAll(List.of("--now", "2026-11-%02dT03:00:00Z".formatted(day), "--json"));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of(more));
    return Shell.run(words.toArray(String[]::new));
  }

  /** Runs a night that ends well, and returns what it tells. */
  JsonNode night(int day, String... more) throws IOException {
    Outcome outcome = retrain(day, registry(), more);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode told = JSON.readTree(outcome.lastLine());
    assertThat(outcomeFile()).as("the same object is in a file").isEqualTo(told);
    verify();
    return told;
  }

  JsonNode outcomeFile() throws IOException {
    return JSON.readTree(folder.resolve("registry/tickets/outcome.json").toFile());
  }

  /** Runs a night that is refused as wrong usage or data, and returns what it tells. */
  String refused(int day, String... more) {
    Outcome outcome = retrain(day, registry(), more);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(Failures.USAGE);
    assertThat(outcome.err()).doesNotContain("Exception");
    return outcome.err();
  }

  void verify() {
    Outcome outcome = registry("verify");
    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
  }

  /** Runs a command of the registry. */
  Outcome registry(String command, String... more) {
    List<String> words = new ArrayList<>(List.of("registry", command));
    words.addAll(List.of("--registry", registry(), "--name", "tickets"));
    words.addAll(List.of(more));
    return Shell.run(words.toArray(String[]::new));
  }

  Path day(int day) {
    return input().resolve("day=2026-11-%02d".formatted(day));
  }

  /** Brings the tickets of a day. */
  void arrive(int day) throws IOException {
    FileUtils.copyDirectory(
        TICKETS.resolve("day=2026-11-%02d".formatted(day)).toFile(), day(day).toFile());
  }

  void write(int day, String name, String text) throws IOException {
    Files.createDirectories(day(day));
    Files.writeString(day(day).resolve(name), text);
  }
}
