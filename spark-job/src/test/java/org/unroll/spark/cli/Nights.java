// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * Nights of a retraining: a folder of input to which tests bring days, and a registry.
 *
 * @param folder of a test
 * @param name of the registry's folder in it
 * @param scheme before the paths that a night is told, such as {@code crash://}; may be empty
 * @param options that every night has behind those of the registry, as they are typed
 */
record Nights(Path folder, String name, String scheme, String options) {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that tell how long something took, how much memory, or what hour it was. */
  private static final Pattern OF_THE_MACHINE =
      Pattern.compile("time|(.*_)?seconds|.*_per_second|.*memory.*|.*_ms|slowest_shard");

  private static final Path TICKETS = Shell.HOME.resolve("data-samples/tickets");

  Nights(Path folder, String options) {
    this(folder, "registry", "", options);
  }

  Path input() {
    return folder.resolve("in");
  }

  String registry() {
    return scheme + folder.resolve(name);
  }

  /** Returns the folder of the models. */
  Path models() {
    return folder.resolve(name).resolve("tickets");
  }

  /** Runs a night on a registry that need not be the usual one; its clock is at 3 of a day. */
  Outcome retrain(int day, String registry, String... more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("retrain", "--registry", registry, "--name", "tickets", "--input"));
    words.addAll(List.of(scheme + input(), "--master", "local[1]"));
    words.addAll(List.of("--now", "2026-11-%02dT03:00:00Z".formatted(day), "--json"));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of(more));
    return Shell.run(words.toArray(String[]::new));
  }

  /** Runs a night that ends well, and returns what it tells. */
  JsonNode night(int day, String... more) throws IOException {
    return told(retrain(day, registry(), more));
  }

  /** Returns what a night tells that ended well. */
  JsonNode told(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode told = JSON.readTree(outcome.lastLine());
    assertThat(outcomeFile()).as("the same object is in a file").isEqualTo(told);
    verify();
    return told;
  }

  JsonNode outcomeFile() throws IOException {
    return JSON.readTree(models().resolve("outcome.json").toFile());
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
    words.addAll(List.of("--registry", folder.resolve(name).toString(), "--name", "tickets"));
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

  /** Returns the content of all files of a registry but reports, which tell times. */
  Map<String, String> facts() throws IOException {
    Map<String, String> facts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(models())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String kind = file.getFileName().toString();
        if (!kind.startsWith(".") && !kind.equals("report.html")) {
          String text = Files.readString(file, StandardCharsets.ISO_8859_1);
          text = text.replace(folder.resolve(name).toString(), "REGISTRY");
          facts.put(
              models().relativize(file).toString(), kind.contains(".json") ? json(text) : text);
        }
      }
    }
    return facts;
  }

  private static String json(String lines) throws IOException {
    StringBuilder text = new StringBuilder();
    try (var values = Nights.JSON.readerFor(JsonNode.class).<JsonNode>readValues(lines)) {
      while (values.hasNext()) {
        JsonNode value = values.next();
        strip(value);
        text.append(value.toPrettyString()).append('\n');
      }
    }
    return text.toString();
  }

  private static void strip(JsonNode value) {
    if (value instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      names.removeIf(name -> !OF_THE_MACHINE.matcher(name).matches());
      object.remove(names);
    }
    value.forEach(Nights::strip);
  }
}
