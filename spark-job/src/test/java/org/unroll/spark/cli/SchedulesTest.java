// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;

/**
 * The schedules of {@code conf/schedule}: all run one command, which is understood, and what reads
 * them finds its form. The DAG is looked at with Python, where there is one.
 */
class SchedulesTest {
  private static final Path FOLDER = Shell.HOME.resolve("conf/schedule");

  /** Words of a command line in a crontab or a unit, up to where the shell goes on. */
  private static final Pattern SHELL = Pattern.compile("unroll retrain (.*?)(?: >>.*)?$");

  private static final Pattern PYTHON = Pattern.compile("(?s)\\[\\s*\"retrain\",(.*?)]");

  private static final Pattern PRESET = Pattern.compile("@(.*/)?conf/|@/etc/unroll/");

  /** Runs the check of the DAG with an outcome, in place of Airflow and of its storage. */
  private static final String RUN_DAG =
      """
      import datetime, os, sys, types

      class Skipped(Exception): pass
      class Failed(Exception): pass
      class Submit:
          def __init__(self, **options): self.__dict__.update(options)
          def __rshift__(self, after): assert after == "outcome"

      class Storage:
          def __init__(self, place, conn_id): assert place == "s3://models/registry/reviews/outcome.json"
          def exists(self): return os.path.exists(sys.argv[2])
          def stat(self): return os.stat(sys.argv[2])
          def read_text(self): return open(sys.argv[2]).read()

      checks = []
      def task(check):
          checks.append(check)
          return lambda: "outcome"
      def module(name, **parts): sys.modules[name] = types.SimpleNamespace(**parts)

      for package in ("", ".providers", ".providers.apache", ".providers.apache.spark",
                      ".providers.apache.spark.operators"):
          sys.modules["airflow" + package] = types.ModuleType("airflow" + package)
      module("airflow.exceptions", AirflowFailException=Failed, AirflowSkipException=Skipped)
      module("airflow.sdk", ObjectStoragePath=Storage, dag=lambda **o: lambda f: f, task=task)
      module("airflow.providers.apache.spark.operators.spark_submit", SparkSubmitOperator=Submit)
      exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {})

      started = datetime.datetime.fromtimestamp(float(sys.argv[3]), datetime.timezone.utc)
      try:
          checks[0](dag_run=types.SimpleNamespace(start_date=started))
          print("done")
      except Skipped as e:
          print("skipped", e)
      except Failed as e:
          print("failed", e)
      """;

  @TempDir Path folder;

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Those that run the command themselves. */
  static List<Path> retraining() throws IOException {
    return files().stream().filter(file -> !isClockAlone(file)).toList();
  }

  static List<Path> yaml() throws IOException {
    return files().stream().filter(file -> file.toString().endsWith(".yaml")).toList();
  }

  private static boolean isClockAlone(Path file) {
    return file.endsWith("unroll-reviews.timer") || file.endsWith("spark-operator-schedule.yaml");
  }

  /** Returns the words of all retrainings of a file, from {@code retrain} on. */
  private static List<List<String>> commands(Path file) throws IOException {
    String text = Files.readString(file).replaceAll("(?m)^\\s*#.*\\R", "");
    if (file.toString().endsWith(".py")) {
      return PYTHON
          .matcher(text)
          .results()
          .map(m -> retrain(m.group(1).replace(",", " ")))
          .toList();
    }
    if (file.toString().endsWith(".yaml")) {
      String list = text.replaceAll("\\R\\s*- ", " - ");
      return list.lines()
          .filter(line -> line.contains(" - retrain "))
          .map(line -> retrain(line.replaceFirst(".* - retrain", "").replace(" - ", " ")))
          .toList();
    }
    return text.replaceAll("\\\\\\R", " ")
        .lines()
        .map(SHELL::matcher)
        .flatMap(matcher -> matcher.results())
        .map(match -> retrain(match.group(1)))
        .toList();
  }

  private static List<String> retrain(String options) {
    List<String> words = new ArrayList<>(List.of("retrain"));
    PagesIT.words(options).stream()
        .map(word -> PRESET.matcher(word).replaceFirst("@conf/"))
        .forEach(words::add);
    return words;
  }

  @ParameterizedTest
  @MethodSource("retraining")
  void every_schedule_runs_the_same_command(Path file) throws IOException {
    assertThat(commands(file))
        .containsExactly(
            PagesIT.words(
                "retrain --registry s3a://models/registry --name reviews"
                    + " --input 's3a://logs/reviews/day=*/' --window 30d @conf/reviews.args"
                    + " --json"));
  }

  /** The command goes as far as its data, which are not there. */
  @ParameterizedTest
  @MethodSource("retraining")
  void the_command_of_every_schedule_is_understood(Path file) throws IOException {
    assumeTrue(Cli.root(null).getSubcommands().containsKey("retrain"), "there is no retrain yet");
    String nowhere = folder.resolve("nowhere").toString();
    String[] words =
        commands(file).get(0).stream()
            .map(word -> word.replace("s3a://logs/reviews", nowhere))
            .map(word -> word.replace("s3a://models/registry", folder.resolve("r").toString()))
            .toArray(String[]::new);
    Outcome outcome = Shell.run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(Failures.USAGE);
    assertThat(outcome.err()).contains(nowhere).doesNotContain("--help");
  }

  @ParameterizedTest
  @MethodSource("files")
  void every_schedule_says_what_it_does_and_what_to_change(Path file) throws IOException {
    List<String> head =
        Files.readAllLines(file).stream().takeWhile(line -> line.startsWith("#")).toList();
    assertThat(head).hasSizeBetween(3, 16).contains("# SPDX-License-Identifier: Apache-2.0");
    assertThat(head).anyMatch(line -> line.startsWith("# What to change: "));
  }

  @Test
  void lines_of_the_crontab_are_settings_or_a_time_and_a_command() throws IOException {
    List<String> lines = Files.readAllLines(FOLDER.resolve("crontab"));
    assertThat(lines.stream().filter(line -> !line.isBlank() && !line.startsWith("#")))
        .allMatch(line -> line.matches("[A-Z_]+=\\S+|30 2 \\* \\* \\* cd /opt/unroll && [^%]+"))
        .hasSize(4);
  }

  private static Outcome python(String script, Object... args) throws IOException {
    List<String> words = new ArrayList<>(List.of("python3", "-c", script));
    Stream.of(args).map(Object::toString).forEach(words::add);
    Path err = Files.createTempFile("python", ".err");
    try {
      Process process = new ProcessBuilder(words).redirectError(err.toFile()).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), out, Files.readString(err));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      Files.delete(err);
    }
  }

  private static void needsPython() {
    try {
      assumeTrue(python("").exitCode() == 0, "python3 does not run");
    } catch (IOException e) {
      assumeTrue(false, "there is no python3");
    }
  }

  @ParameterizedTest
  @MethodSource("yaml")
  void objects_of_kubernetes_can_be_read_and_go_together(Path file) throws IOException {
    for (JsonNode object : objects(file)) {
      assertThat(object.path("apiVersion").asText()).isNotEmpty();
      assertThat(object.path("metadata").path("namespace").asText()).isEqualTo("training");
      if (object.path("spec").has("schedule")) {
        assertThat(object.path("spec").path("schedule").asText()).isEqualTo("30 2 * * *");
        assertThat(object.path("spec").path("concurrencyPolicy").asText()).isEqualTo("Forbid");
      }
      requireVolumes(object);
    }
  }

  /** Returns the objects that a file of Kubernetes describes. */
  static List<JsonNode> objects(Path file) throws IOException {
    try (MappingIterator<JsonNode> objects =
        new YAMLMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
      return objects.readAll();
    }
  }

  /** Requires that all pods of an object have the volumes that their containers mount. */
  static void requireVolumes(JsonNode object) {
    for (JsonNode pod : object.findParents("containers")) {
      assertThat(pod.path("volumes").findValuesAsText("name"))
          .containsAll(names(pod.path("containers"), "volumeMounts"));
    }
  }

  private static List<String> names(JsonNode objects, String list) {
    List<String> names = new ArrayList<>();
    objects.forEach(object -> object.path(list).forEach(o -> names.add(o.path("name").asText())));
    return names;
  }

  @ParameterizedTest
  @CsvSource({
    "promoted, -60, done",
    "kept, -60, done",
    "nothing-new, -60, skipped nothing-new",
    "locked, -60, skipped locked",
    "failed, -60, 'failed {\"outcome\": \"failed\"}'",
    "promoted, 60, 'failed s3://models/registry/reviews/outcome.json is of an earlier run'",
    ", -60, 'failed s3://models/registry/reviews/outcome.json is not there'"
  })
  void the_dag_tells_what_a_run_came_to(String outcome, int started, String told)
      throws IOException {
    needsPython();
    Path file = folder.resolve("outcome.json");
    if (outcome != null) {
      Files.writeString(file, "{\"outcome\": \"" + outcome + "\"}");
    }
    double time =
        outcome == null ? 0 : Files.getLastModifiedTime(file).toMillis() / 1000.0 + started;
    Outcome ran = python(RUN_DAG, FOLDER.resolve("airflow_reviews.py"), file, time);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith(told);
  }
}
