// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.CrashingFileSystem;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.TaskModel;

/** Two weeks of a model that is retrained every night. */
class RetrainTest {
  private static final Path TICKETS = Shell.HOME.resolve("data-samples/tickets");

  @TempDir Path folder;
  private Nights nights;

  @BeforeEach
  void begin() throws IOException {
    nights = new Nights(folder, "@conf/tickets.args");
    Files.createDirectory(nights.input());
  }

  private TaskModel champion() {
    return TaskModel.of(ModelStore.read("registry:" + folder.resolve("registry/tickets@champion")));
  }

  @Test
  void two_weeks() throws Exception {
    for (int day = 1; day <= 4; day++) {
      nights.arrive(day);
    }
    JsonNode first = nights.night(4);
    assertThat(first.path("outcome").asText()).isEqualTo("promoted");
    assertThat(first.path("version").asInt()).isEqualTo(1);
    assertThat(first.path("data").path("learnt_files").asInt()).isEqualTo(4);

    Reader reader = new Reader();
    CompletableFuture<Void> reading = CompletableFuture.runAsync(reader);
    try {
      lives();
    } finally {
      reader.ends = true;
      reading.join();
    }
    assertThat(reader.times).isPositive();
  }

  private void lives() throws Exception {
    nights.arrive(5);
    JsonNode ordinary = nights.night(5);
    assertThat(ordinary.path("version").asInt()).isEqualTo(2);
    assertThat(ordinary.path("data").path("learnt_files").asInt()).isEqualTo(1);
    assertThat(ordinary.path("comparison").path("parts").toString()).contains("old", "new");
    assertThat(nights.night(5).path("outcome").asText()).isEqualTo("nothing-new");
    assertThat(nights.retrain(5, nights.registry(), "--exit-on-nothing", "99").exitCode())
        .isEqualTo(99);

    nights.write(6, "tickets.tsv", "");
    assertThat(nights.night(6).path("outcome").asText())
        .as("an empty day")
        .isEqualTo("nothing-new");

    int before = nights.night(7).path("champion").asInt();
    nights.write(7, "tickets.tsv", rubbish());
    JsonNode lost = nights.night(7);
    assertThat(lost.path("outcome").asText()).isEqualTo("kept");
    assertThat(lost.path("champion").asInt()).isEqualTo(before);
    assertThat(lost.path("reason").asText()).contains("accuracy");

    nights.arrive(8);
    nights.arrive(9);
    JsonNode grown = nights.night(9, "--all");
    assertThat(grown.path("outcome").asText())
        .as(grown.path("reason").asText())
        .isEqualTo("promoted");
    assertThat(champion().encoder().labels()).contains("app");
    assertThat(grown.path("drift").toString()).contains("unknown_rate");

    nights.write(10, "tickets.tsv", "subject\tkind\nThe app is slow\tapp\n");
    Outcome refused = nights.retrain(10, nights.registry());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("text").doesNotContain("Exception");
    assertThat(Files.readString(folder.resolve("registry/tickets/outcome.json")))
        .contains("\"outcome\" : \"failed\"");
    nights.verify();
    Files.delete(nights.day(10).resolve("tickets.tsv"));

    nights.arrive(10);
    nights.write(3, "late.tsv", "text\ttopic\nThe money for the desk is not back.\trefund\n");
    Files.writeString(
        nights.day(5).resolve("tickets.tsv"),
        Files.readString(nights.day(5).resolve("tickets.tsv")) + "Where is it?\tdelivery\n");
    JsonNode data = nights.night(10).path("data");
    assertThat(data.path("new_files").asInt()).isEqualTo(2);
    assertThat(data.path("late_files").asInt()).isEqualTo(1);
    assertThat(data.path("changed_files").asInt()).isEqualTo(1);

    int now = nights.outcomeFile().path("champion").asInt();
    assertThat(nights.registry("rollback").exitCode()).isZero();
    nights.verify();
    assertThat(nights.registry("list", "--json").out()).doesNotContain("\"champion\":" + now);
  }

  /** Rows whose topics say nothing. */
  private static String rubbish() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("text\ttopic\n");
    List<String> topics = List.of("delivery", "refund", "login", "praise");
    for (int day = 1; day <= 7; day++) {
      for (String line :
          Files.readAllLines(TICKETS.resolve("day=2026-11-0" + day + "/tickets.tsv"))
              .subList(1, 91)) {
        text.append(line.replaceFirst("\t.*", "")).append('\t');
        text.append(topics.get(random.nextInt(topics.size()))).append('\n');
      }
    }
    return text.toString();
  }

  /** Somebody who reads the champion all along. */
  private final class Reader implements Runnable {
    private volatile boolean ends;
    private int times;

    @Override
    public void run() {
      while (!ends) {
        assertThat(champion().encoder().labels()).contains("login");
        times++;
      }
    }
  }

  @Test
  void a_run_that_is_killed_anywhere_is_gone_on_with() throws Exception {
    String crashing = "crash://" + folder.resolve("registry");
    String[] options = (CrashingFileSystem.OPTIONS + " --checkpoint-every 5").trim().split(" ");
    nights.arrive(1);
    nights.arrive(2);
    CrashingFileSystem.heal();
    assertThat(nights.retrain(2, crashing, options).exitCode()).isZero();
    nights.arrive(3);
    Path before = folder.resolve("before");
    FileUtils.copyDirectory(folder.resolve("registry").toFile(), before.toFile());
    CrashingFileSystem.heal();
    assertThat(nights.retrain(3, crashing, options).exitCode()).isZero();
    int uses = CrashingFileSystem.uses();
    Path model = folder.resolve("registry/tickets/versions/000002/model.safetensors");
    byte[] undisturbed = Files.readAllBytes(model);

    Random random = new Random(7);
    for (int kill = 0; kill < 10; kill++) {
      FileUtils.deleteDirectory(folder.resolve("registry").toFile());
      FileUtils.copyDirectory(before.toFile(), folder.resolve("registry").toFile());
      int place = (kill * uses + random.nextInt(uses)) / 10;
      CrashingFileSystem.crashAfter(place);
      Outcome killed = nights.retrain(3, crashing, options);
      CrashingFileSystem.heal();
      giveUpClaims();
      Outcome last = nights.retrain(4, crashing, options);
      String why = "killed after %s of %s: %s%s".formatted(place, uses, killed.err(), last.err());
      assertThat(last.exitCode()).as(why).isZero();
      assertThat(Files.readAllBytes(model)).as(why).isEqualTo(undisturbed);
      nights.verify();
    }
  }

  /** Lets the claims of the dead expire, without waiting for that. */
  private void giveUpClaims() throws IOException {
    List<Path> claims;
    try (Stream<Path> files = Files.walk(folder)) {
      claims = files.filter(f -> f.getFileName().toString().endsWith(".unroll-claim")).toList();
    }
    for (Path claim : claims) {
      FileUtils.deleteQuietly(claim.toFile());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--since yesterday | --since yesterday is no day",
        "--window 30d --all | --data-window 30d and --all",
        "--slice nowhere | nowhere",
        "--hidden 25 | another network",
      })
  void wrong_options_are_told(String options, String told) throws IOException {
    nights.arrive(1);
    nights.arrive(2);
    nights.night(2);
    nights.arrive(3);
    Outcome outcome = nights.retrain(3, nights.registry(), options.split(" "));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(told).doesNotContain("Exception");
    nights.verify();
  }
}
