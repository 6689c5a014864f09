// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.unroll.spark.cli.RetrainPhase.CHECKPOINT;
import static org.unroll.spark.cli.RetrainPhase.EVENT;
import static org.unroll.spark.cli.RetrainPhase.INPUT;
import static org.unroll.spark.cli.RetrainPhase.JUDGING;
import static org.unroll.spark.cli.RetrainPhase.LEDGER;
import static org.unroll.spark.cli.RetrainPhase.LOCK;
import static org.unroll.spark.cli.RetrainPhase.MLFLOW;
import static org.unroll.spark.cli.RetrainPhase.MODEL;
import static org.unroll.spark.cli.RetrainPhase.OUTCOME;
import static org.unroll.spark.cli.RetrainPhase.PAGE;
import static org.unroll.spark.cli.RetrainPhase.PLAN;
import static org.unroll.spark.cli.RetrainPhase.PROMOTION;
import static org.unroll.spark.cli.RetrainPhase.RELEASE;
import static org.unroll.spark.cli.RetrainPhase.SHARDS;
import static org.unroll.spark.cli.RetrainPhase.UPKEEP;
import static org.unroll.spark.cli.RetrainPhase.VERDICT;
import static org.unroll.spark.cli.RetrainPhase.VERSION;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.registry.MlflowTwin;
import org.unroll.spark.store.CrashingFileSystem;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.TaskModel;

/** Two weeks of a model that is retrained every night, by runs that are killed and by others. */
class RetrainTest {
  /** From where the places are drawn at which runs are killed. */
  private static final long SEED = 7;

  private static final Path TICKETS = Shell.HOME.resolve("data-samples/tickets");

  @TempDir Path folder;
  private Nights calm;
  private Nights killed;
  private final Random random = new Random(SEED);
  private final Set<RetrainPhase> killedIn = EnumSet.noneOf(RetrainPhase.class);
  private int killedAnywhere;
  private boolean killedByMlflow;

  /** Where a run is killed. */
  private interface Kill {
    /**
     * Returns a test of the paths that the run uses.
     *
     * @param uses how many a run uses that is not killed
     */
    Predicate<String> place(int uses);
  }

  @BeforeEach
  void begin() throws IOException {
    String options = "@conf/tickets.args --checkpoint-every 5" + CrashingFileSystem.OPTIONS;
    calm = new Nights(folder, "calm", "crash://", options);
    killed = new Nights(folder, "killed", "crash://", options);
    Files.createDirectory(calm.input());
  }

  @Test
  void two_weeks() throws Exception {
    Reader reader = new Reader();
    CompletableFuture<Void> reading = null;
    try (MlflowTwin mlflow = new MlflowTwin()) {
      calm.arrive(1);
      assertThat(night(1, List.of(anywhere())).path("outcome").asText()).isEqualTo("promoted");
      reading = CompletableFuture.runAsync(reader);
      firstWeek();
      secondWeek(mlflow);
    } finally {
      reader.ends = true;
      if (reading != null) {
        reading.join();
      }
    }
    assertThat(killedAnywhere).isEqualTo(10);
    assertThat(killedIn).containsExactly(RetrainPhase.values());
    assertThat(champions()).containsAll(reader.seen).hasSizeGreaterThan(5);
    assertThat(reader.seen).hasSizeGreaterThan(1);
  }

  private void firstWeek() throws Exception {
    calm.arrive(2);
    JsonNode ordinary = night(2, List.of(in(LOCK), anywhere()));
    assertThat(ordinary.path("data").path("learnt_files").asInt()).isEqualTo(1);
    assertThat(ordinary.path("comparison").path("parts").toString()).contains("old", "new");
    for (Nights nights : List.of(calm, killed)) {
      Outcome nothing = nights.retrain(2, nights.registry(), "--exit-on-nothing", "99");
      assertThat(nothing.exitCode()).as(nothing.err()).isEqualTo(99);
      assertThat(nights.outcomeFile().path("outcome").asText()).isEqualTo("nothing-new");
    }

    calm.arrive(3);
    night(3, List.of(in(LEDGER), anywhere()));

    calm.write(4, "tickets.tsv", "");
    assertThat(night(4, List.of(in(RELEASE))).path("outcome").asText())
        .as("an empty day")
        .isEqualTo("nothing-new");

    calm.arrive(5);
    twoAtOnce(5);

    calm.write(6, "tickets.tsv", rubbish());
    int before = killed.outcomeFile().path("champion").asInt();
    JsonNode lost = night(6, List.of(in(INPUT), anywhere()));
    assertThat(lost.path("outcome").asText()).as(lost.path("reason").asText()).isEqualTo("kept");
    assertThat(lost.path("champion").asInt()).isEqualTo(before);
    assertThat(lost.path("reason").asText()).contains("accuracy");

    Files.delete(calm.day(6).resolve("tickets.tsv"));
    calm.arrive(7);
    JsonNode clean = night(7, List.of(in(PLAN), anywhere()));
    assertThat(clean.path("data").path("vanished_files").asInt()).isEqualTo(1);
  }

  private void secondWeek(MlflowTwin mlflow) throws Exception {
    calm.arrive(8);
    JsonNode grown = night(8, List.of(anywhere(), in(PAGE)), "--all");
    assertThat(grown.path("outcome").asText())
        .as(grown.path("reason").asText())
        .isEqualTo("promoted");
    assertThat(TaskModel.of(champion()).encoder().labels()).contains("app");
    assertThat(grown.path("drift").toString()).contains("unknown_rate");

    calm.write(9, "tickets.tsv", "subject\tkind\nThe app is slow\tapp\n");
    for (Nights nights : List.of(calm, killed)) {
      assertThat(nights.refused(9)).contains("text");
      assertThat(nights.outcomeFile().path("outcome").asText()).isEqualTo("failed");
    }
    requireSame();

    calm.arrive(9);
    calm.arrive(10);
    List<Kill> all = List.of(in(SHARDS), in(CHECKPOINT), in(JUDGING), in(VERSION), in(EVENT));
    assertThat(night(10, all).path("data").path("new_files").asInt()).isEqualTo(2);

    Files.copy(TICKETS.resolve("day=2026-11-04/tickets.tsv"), calm.day(4).resolve("late.tsv"));
    calm.arrive(11);
    JsonNode late = night(11, List.of(anywhere(), in(OUTCOME))).path("data");
    assertThat(late.path("new_files").asInt()).isEqualTo(2);
    assertThat(late.path("late_files").asInt()).isEqualTo(1);

    Path fifth = calm.day(5).resolve("tickets.tsv");
    Files.writeString(fifth, Files.readString(fifth) + "Where is it?\tdelivery\n");
    calm.arrive(12);
    mlflow.accident = (path, exchange) -> isKilledBy(path, exchange::close);
    String[] told = {"--mlflow", mlflow.address().toString()};
    JsonNode changed = night(12, List.of(anywhere(), in(MLFLOW)), told).path("data");
    assertThat(changed.path("changed_files").asInt()).isEqualTo(1);
    assertThat(mlflow.models.get("tickets"))
        .as("of the calm night, and by who came after the one that was killed")
        .hasSize(2);

    int now = killed.outcomeFile().path("champion").asInt();
    for (Nights nights : List.of(calm, killed)) {
      assertThat(nights.registry("rollback").exitCode()).isZero();
      assertThat(nights.registry("list", "--json").out()).doesNotContain("\"champion\":" + now);
    }
    calm.arrive(13);
    JsonNode anew = night(13, List.of(in(MODEL), in(VERDICT), in(PROMOTION), in(UPKEEP)));
    assertThat(anew.path("champion").asInt()).isNotEqualTo(now);

    calm.arrive(14);
    night(14, List.of(anywhere()));
  }

  /** A kill at one of all uses of files. */
  private Kill anywhere() {
    double part = random.nextDouble();
    return uses -> {
      killedAnywhere++;
      int[] left = {(int) (part * uses)};
      return path -> isCounted(path) && left[0]-- == 0;
    };
  }

  /** Hearts beat as often as there is time. */
  private static boolean isCounted(String path) {
    return !path.contains(".unroll-claim");
  }

  private Kill in(RetrainPhase phase) {
    return uses -> {
      killedByMlflow = phase == MLFLOW;
      if (!phase.isOfFiles()) {
        return path -> false;
      }
      Predicate<String> begins = phase.begins();
      return path -> begins.test(path) && (killedIn.add(phase) || true);
    };
  }

  /** Returns whether a server of MLflow does not answer, since who asks is dead. */
  private boolean isKilledBy(String path, Runnable close) {
    if (killedByMlflow && path.equals("mlflow/model-versions/create")) {
      killedByMlflow = false;
      killedIn.add(MLFLOW);
      CrashingFileSystem.crash();
    }
    if (CrashingFileSystem.isDead()) {
      close.run();
      return true;
    }
    return false;
  }

  /**
   * Lives through a night without kills, and through the same night with kills, start after start.
   *
   * @return what the last start leaves
   */
  private JsonNode night(int day, List<Kill> kills, String... options) throws Exception {
    Outcome undisturbed = undisturbed(day, options);
    die(day, kills, options);
    Outcome last = killed.retrain(day, killed.registry(), options);
    assertThat(last.exitCode()).as(last.err()).isEqualTo(undisturbed.exitCode());
    requireSame();
    return killed.outcomeFile();
  }

  private Outcome undisturbed(int day, String... options) {
    CrashingFileSystem.heal();
    Outcome undisturbed = calm.retrain(day, calm.registry(), options);
    if (day == 2) {
      assertThat(RetrainPhase.of(CrashingFileSystem.used()))
          .containsExactly(
              Stream.of(RetrainPhase.values())
                  .filter(RetrainPhase::isOfFiles)
                  .toArray(RetrainPhase[]::new));
    }
    return undisturbed;
  }

  private void die(int day, List<Kill> kills, String... options) throws IOException {
    int uses = (int) CrashingFileSystem.used().stream().filter(RetrainTest::isCounted).count();
    for (int k = 0; k < kills.size(); k++) {
      CrashingFileSystem.crashAt(kills.get(k).place(uses));
      Outcome dead = killed.retrain(day, killed.registry(), options);
      assertThat(CrashingFileSystem.isDead())
          .as("kill %s of day %s: %s", k + 1, day, dead.err())
          .isTrue();
      assertThat(dead.exitCode()).isNotZero();
      CrashingFileSystem.heal();
      giveUpClaims();
      if (Files.exists(killed.models().resolve("journal"))) {
        killed.verify();
      }
    }
  }

  /** Lives through a night in which two go on at once with what a third one left. */
  private void twoAtOnce(int day) throws Exception {
    undisturbed(day);
    die(day, List.of(anywhere()));
    CompletableFuture<Outcome> other =
        CompletableFuture.supplyAsync(() -> killed.retrain(day, killed.registry()));
    Outcome one = killed.retrain(day, killed.registry());
    List<String> ends = new ArrayList<>();
    for (Outcome outcome : List.of(one, other.join())) {
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      ends.add(Nights.JSON.readTree(outcome.lastLine()).path("outcome").asText());
    }
    assertThat(ends).containsOnlyOnce(calm.outcomeFile().path("outcome").asText());
    assertThat(ends).containsAnyOf("locked", "nothing-new");
    // Whether the second one came in time for the lock or behind the first, a third finds nothing.
    for (Nights nights : List.of(calm, killed)) {
      nights.retrain(day, nights.registry());
      assertThat(nights.outcomeFile().path("outcome").asText()).isEqualTo("nothing-new");
    }
    requireSame();
  }

  /** Lets the claims of the dead expire, without waiting for that. */
  private void giveUpClaims() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("killed"))) {
      files
          .filter(file -> file.getFileName().toString().endsWith(".unroll-claim"))
          .toList()
          .forEach(claim -> FileUtils.deleteQuietly(claim.toFile()));
    }
  }

  private void requireSame() throws IOException {
    calm.verify();
    killed.verify();
    Map<String, String> facts = calm.facts();
    Map<String, String> others = killed.facts();
    assertThat(others.keySet()).isEqualTo(facts.keySet());
    facts.forEach((file, text) -> assertThat(others.get(file)).as(file).isEqualTo(text));
  }

  private SavedModel champion() {
    return ModelStore.read("registry:" + folder.resolve("killed/tickets@champion"));
  }

  /** Returns the parameters of all versions that may have been the champion. */
  private Set<Integer> champions() throws IOException {
    Set<Integer> champions = new HashSet<>();
    try (Stream<Path> versions = Files.list(calm.models().resolve("versions"))) {
      for (Path version : versions.toList()) {
        champions.add(Arrays.hashCode(ModelStore.read(version.toString()).params()));
      }
    }
    return champions;
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
    private final Set<Integer> seen = new HashSet<>();
    private volatile boolean ends;

    @Override
    public void run() {
      while (!ends) {
        SavedModel champion = champion();
        assertThat(TaskModel.of(champion).encoder().labels()).contains("login");
        seen.add(Arrays.hashCode(champion.params()));
        pause();
      }
    }

    /** Leaves the processor to the others. */
    private static void pause() {
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void wrong_options_are_told() throws IOException {
    Nights nights = new Nights(folder, "@conf/tickets.args --epochs 1");
    nights.arrive(1);
    nights.arrive(2);
    nights.night(2);
    nights.arrive(3);
    Map<String, String> told =
        Map.of(
            "--since yesterday", "--since yesterday is no day",
            "--window 30d --all", "--data-window 30d and --all",
            "--slice nowhere", "nowhere",
            "--hidden 25", "another network");
    for (Map.Entry<String, String> wrong : told.entrySet()) {
      assertThat(nights.refused(3, wrong.getKey().split(" "))).contains(wrong.getValue());
      nights.verify();
    }
  }
}
