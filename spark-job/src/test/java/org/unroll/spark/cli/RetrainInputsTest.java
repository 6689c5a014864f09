// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.NoSpaceFileSystem;
import org.unroll.spark.store.OutputClaim;

/** What a retraining finds at night: data, options, disks and registries of all kinds. */
class RetrainInputsTest {
  private static final String SMALL = "@conf/tickets.args --epochs 1 --hidden 8 --embedding 8";

  /** Options by which any challenger is promoted. */
  private static final String[] BETTER = {"--min-improvement", "-1", "--max-regression", "1"};

  /** One for all tests, so that they may begin with nights that others have had. */
  @TempDir static Path folder;

  private Nights nights;

  @BeforeEach
  void begin() throws IOException {
    nights = new Nights(folder, SMALL);
    FileUtils.deleteDirectory(nights.input().toFile());
    Files.createDirectory(nights.input());
    FileUtils.deleteDirectory(Path.of(nights.registry()).toFile());
  }

  /** Begins with a champion that knows the first day. */
  private void first() throws IOException {
    nights.arrive(1);
    begin("first", () -> nights.night(1));
  }

  /** Begins with a second champion, which knows another day. */
  private void second() throws IOException {
    first();
    nights.arrive(2);
    begin("second", () -> nights.night(2, BETTER));
  }

  /** A night that tests begin with. */
  @FunctionalInterface
  private interface Beginning {
    JsonNode told() throws IOException;
  }

  /** Has a night in the first test that begins with it, and the registry behind it in others. */
  private void begin(String name, Beginning night) throws IOException {
    Path behind = folder.resolve(name);
    if (!Files.exists(behind)) {
      assertThat(night.told().path("outcome").asText()).isEqualTo("promoted");
      FileUtils.copyDirectory(Path.of(nights.registry()).toFile(), behind.toFile());
    }
    restore(behind);
  }

  private void restore(Path registry) throws IOException {
    FileUtils.deleteDirectory(Path.of(nights.registry()).toFile());
    FileUtils.copyDirectory(registry.toFile(), Path.of(nights.registry()).toFile());
  }

  private Path model(int version) {
    return folder.resolve("registry/tickets/versions/%06d/model.safetensors".formatted(version));
  }

  @Test
  void a_name_has_models_of_one_task() throws IOException {
    first();
    nights.arrive(2);
    Nights other = new Nights(folder, "--task lm --text text --hidden 8 --epochs 1");
    assertThat(other.refused(2))
        .contains("has models of task classify, but this run is of task lm", "another --name");
    assertThat(nights.outcomeFile().path("reason").asText()).contains("another --name");
    nights.verify();
  }

  @Test
  void a_damaged_champion_is_refused_before_anything_is_trained_and_rolled_back() throws Exception {
    second();
    try (RandomAccessFile file = new RandomAccessFile(model(2).toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    nights.arrive(3);
    assertThat(nights.refused(3))
        .contains("The champion, version 2,", "model.safetensors", "registry rollback")
        .doesNotContain("epoch 1/");
    assertThat(nights.registry("rollback").exitCode()).isZero();
    Outcome next = nights.retrain(3, nights.registry());
    assertThat(next.exitCode()).as(next.err()).isZero();
    assertThat(ModelStore.config(model(3).getParent().toString()).provenance().toString())
        .as("the one before is gone on from")
        .contains("versions/000001");
  }

  @Test
  void a_registry_that_nobody_may_write_is_refused_at_once() throws IOException {
    first();
    nights.arrive(2);
    byte[] before = Files.readAllBytes(folder.resolve("registry/tickets/outcome.json"));
    Outcome outcome = nights.retrain(2, "sealed:" + nights.registry(), options());
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains("Permission denied").doesNotContain("Exception");
    assertThat(folder.resolve("registry/tickets/outcome.json")).hasBinaryContent(before);
    nights.verify();
  }

  private static String[] options() {
    return NoSpaceFileSystem.OPTIONS.trim().split(" ");
  }

  @Test
  void a_clock_that_went_back_is_told_and_the_journal_keeps_its_order() throws IOException {
    nights.arrive(1);
    nights.night(5);
    nights.arrive(2);
    Outcome outcome = nights.retrain(2, nights.registry(), BETTER);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("2026-11-02T03:00:00Z", "before the last event");
    nights.verify();
    assertThat(folder.resolve("registry/tickets/journal"))
        .isDirectoryContaining("glob:**/00000002.challenger=2.champion=2.json");
    assertThat(nights.night(3).path("champion").asInt()).isEqualTo(2);
  }

  @Test
  void a_disk_that_is_full_when_the_promotion_is_written_loses_nothing() throws IOException {
    second();
    byte[] undisturbed = Files.readAllBytes(model(2));
    restore(folder.resolve("first"));

    List<String> words = new ArrayList<>(List.of(options()));
    words.addAll(List.of(BETTER));
    Outcome full = nights.retrain(2, "filled:" + nights.registry(), words.toArray(String[]::new));
    assertThat(full.exitCode()).as(full.err()).isEqualTo(1);
    assertThat(full.err().lines().filter(line -> line.startsWith("unroll retrain: ")))
        .singleElement()
        .asString()
        .contains("journal", "No space left on device");
    assertThat(full.err()).doesNotContain("Exception");
    assertThat(nights.outcomeFile().path("outcome").asText()).isEqualTo("failed");
    nights.verify();
    assertThat(ModelStore.read("registry:" + folder.resolve("registry/tickets")).params())
        .as("the champion answers")
        .isEqualTo(ModelStore.read(model(1).getParent().toString()).params());

    JsonNode last = nights.night(2, BETTER);
    assertThat(last.path("outcome").asText()).isEqualTo("promoted");
    assertThat(last.path("version").asInt()).isEqualTo(2);
    assertThat(model(2)).hasBinaryContent(undisturbed);
  }

  @Test
  void a_second_start_is_told_who_has_the_registry() throws IOException {
    nights.arrive(1);
    try (OutputClaim claim = OutputClaim.take(folder.resolve("registry/tickets").toString())) {
      Outcome second = nights.retrain(1, nights.registry());
      assertThat(second.exitCode()).as(second.err()).isZero();
      JsonNode told = Nights.JSON.readTree(second.lastLine());
      assertThat(told.path("outcome").asText()).isEqualTo("locked");
      assertThat(told.path("owner").asText()).contains("process " + ProcessHandle.current().pid());
      assertThat(Instant.parse(told.path("since").asText())).isBeforeOrEqualTo(Instant.now());
      assertThat(nights.retrain(1, nights.registry(), "--fail-if-locked").exitCode()).isEqualTo(1);
      claim.requireMine();
    }
    assertThat(folder.resolve("registry/tickets")).doesNotExist();
  }

  @Test
  void a_run_that_stood_still_and_lost_its_lock_changes_nothing() throws IOException {
    first();
    nights.arrive(2);
    Path outcomeFile = folder.resolve("registry/tickets/outcome.json");
    byte[] before = Files.readAllBytes(outcomeFile);
    Outcome lost = nights.retrain(2, "taken:" + nights.registry(), options());
    assertThat(lost.exitCode()).as(lost.err()).isEqualTo(2);
    assertThat(lost.err()).contains("Another run took over");
    assertThat(outcomeFile).as("it is the other run's").hasBinaryContent(before);
    assertThat(folder.resolve("registry/tickets/work/plan.json")).as("so is this").exists();
    assertThat(folder.resolve("registry/tickets/journal").toFile().list()).hasSize(1);
  }

  @Test
  void an_input_that_is_not_there_is_refused_and_the_champion_stays() throws IOException {
    first();
    assertThat(nights.refused(2, "--input", nights.input() + "/*.parquet"))
        .contains("No input file matches");
    FileUtils.deleteDirectory(nights.day(1).toFile());
    assertThat(nights.refused(2)).contains("has no files");
    assertThat(nights.registry("show", "champion").exitCode()).isZero();
    nights.verify();
    nights.arrive(1);
    assertThat(nights.night(3).path("outcome").asText()).isEqualTo("nothing-new");
  }

  @Test
  void a_day_with_too_little_waits_for_the_next_one() throws IOException {
    first();
    nights.write(2, "tickets.tsv", "text\ttopic\n");
    JsonNode header = nights.night(2);
    assertThat(header.path("outcome").asText()).isEqualTo("nothing-new");
    assertThat(header.path("reason").asText()).contains("Too little is new", "has no rows");
    assertThat(header.path("champion").asInt()).isEqualTo(1);

    nights.write(3, "tickets.tsv", "text\ttopic\nThe money is not back.\trefund\n");
    assertThat(nights.night(3).path("reason").asText()).contains("Too little is new");

    nights.arrive(4);
    JsonNode data = nights.night(4).path("data");
    assertThat(data.path("new_files").asInt()).as("they were not lost").isEqualTo(3);

    nights.write(5, "tickets.tsv", "text\ttopic\n\n");
    assertThat(nights.night(5, "--all").path("data").path("learnt_files").asInt())
        .as("with others it is learnt")
        .isEqualTo(5);
  }

  @Test
  void something_must_be_held_out_to_judge_by() throws IOException {
    nights.arrive(1);
    assertThat(nights.refused(1, "--hold-out", "0.1,0"))
        .contains("--hold-out 0.1,0.0 leaves nothing to judge a model by");
  }

  @ParameterizedTest
  @ValueSource(strings = {"word", "char"})
  void a_language_model_is_retrained(String unit) throws IOException {
    Nights text =
        new Nights(
            folder,
            "--task lm --hidden 8 --batch 4 --window 10 --epochs 1 --new-tokens 50 --new-min-count 1"
                + " --min-improvement -9 --max-regression 9 --unit "
                + unit);
    text.write(1, "log.txt", lines("the ship number %s is at sea", 80));
    assertThat(text.night(1).path("outcome").asText()).isEqualTo("promoted");
    text.write(2, "log.txt", lines("a quick zebra saw ship %s", 80));
    JsonNode second = text.night(2);
    assertThat(second.path("outcome").asText()).isEqualTo("promoted");
    assertThat(second.path("score").path("name").asText()).isEqualTo("minus_loss");
    assertThat(second.path("comparison").path("parts").toString()).contains("old", "new");
    String model = model(2).getParent().toString();
    assertThat(ModelStore.read(model).vocabularies().get(0).entries().toString())
        .contains(unit.equals("word") ? "zebra" : "z");

    text.write(3, "log.txt", "one line\n");
    assertThat(text.night(3).path("outcome").asText()).isEqualTo("nothing-new");
  }

  private static String lines(String line, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(line.formatted(i * i)).append('\n');
    }
    return text.toString();
  }

  @Test
  void a_forecast_is_retrained() throws IOException {
    Nights series =
        new Nights(folder, "@conf/seasonal.args --epochs 1 --hidden 4 --hold-out 0.25,0.25");
    Path sample = Shell.HOME.resolve("data-samples/series");
    series.write(1, "series.jsonl", Files.readString(sample.resolve("train.jsonl")));
    assertThat(series.night(1).path("outcome").asText()).isEqualTo("promoted");
    series.write(
        2,
        "series.jsonl",
        Files.readString(sample.resolve("valid.jsonl"))
            + Files.readString(sample.resolve("test.jsonl")));
    JsonNode second = series.night(2);
    assertThat(second.path("score").path("champion").isNumber()).isTrue();
    assertThat(second.path("score").path("challenger").isNumber()).isTrue();
  }

  @Test
  void which_files_are_learnt_is_said_by_options() throws IOException {
    for (int day = 1; day <= 2; day++) {
      nights.write(day, "tickets.tsv", toned(day));
    }
    nights.night(2);
    nights.write(14, "tickets.tsv", toned(14));
    Path before = folder.resolve("before");
    FileUtils.copyDirectory(Path.of(nights.registry()).toFile(), before.toFile());
    Map<String, Integer> learnt =
        Map.of(
            "--start anew",
            3,
            "--all",
            3,
            "--window 7d",
            1,
            "--since 2026-11-02",
            2,
            "--slice tone",
            1);
    for (String options : learnt.keySet()) {
      restore(before);
      JsonNode told = nights.night(14, options.split(" "));
      JsonNode data = told.path("data");
      assertThat(data.path("learnt_files").asInt()).as(options).isEqualTo(learnt.get(options));
      assertThat(data.path("vanished_files").asInt())
          .as("what is not learnt has not vanished: " + options)
          .isZero();
      assertThat(told.path("comparison").path("parts").findValuesAsText("kind").contains("slice"))
          .isEqualTo(options.startsWith("--slice"));
    }
  }

  /** Returns the tickets of a day with a column more. */
  private static String toned(int day) throws IOException {
    Path tickets =
        Shell.HOME.resolve("data-samples/tickets/day=2026-11-%02d/tickets.tsv".formatted(day));
    StringBuilder text = new StringBuilder("text\ttopic\ttone\n");
    Files.readAllLines(tickets).stream()
        .skip(1)
        .forEach(
            line -> text.append(line).append(line.contains("Please") ? "\tpolite\n" : "\tplain\n"));
    return text.toString();
  }

  @Test
  void without_partitions_the_window_goes_by_the_time_of_files() throws IOException {
    Path tickets = nights.input().resolve("old.tsv");
    Files.writeString(tickets, toned(1));
    Files.setLastModifiedTime(tickets, FileTime.from(Instant.parse("2026-11-01T02:00:00Z")));
    nights.night(1);
    tickets = nights.input().resolve("new.tsv");
    Files.writeString(tickets, toned(12));
    Files.setLastModifiedTime(tickets, FileTime.from(Instant.parse("2026-11-12T02:00:00Z")));
    JsonNode data = nights.night(12, "--window", "7d").path("data");
    assertThat(data.path("learnt_files").asInt()).isEqualTo(1);
    assertThat(data.path("new_files").asInt()).isEqualTo(1);
  }

  @Test
  void a_server_of_mlflow_that_does_not_answer_is_one_note() throws IOException {
    nights.arrive(1);
    Outcome outcome = nights.retrain(1, nights.registry(), "--mlflow", "http://localhost:1");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err().lines().filter(line -> line.contains("MLflow"))).hasSize(1);
    assertThat(Nights.JSON.readTree(outcome.lastLine()).path("outcome").asText())
        .isEqualTo("promoted");
    nights.verify();
  }
}
