// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.OutputClaim;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.TestModel;

class RegistryCommandTest {
  private static final Instant NIGHT = Instant.parse("2026-03-01T03:00:00Z");

  @TempDir Path folder;
  private String dir;
  private RegistryFolder reviews;

  @BeforeEach
  void fill() {
    dir = folder.resolve("models").toString();
    reviews = RegistryFolder.at(dir, "reviews");
    adopt(reviews, 1, NIGHT, "accuracy", 0.8125, 64);
    adopt(reviews, 2, NIGHT, "accuracy", 0.8375, 96);
    adopt(reviews, 3, NIGHT, "accuracy", 0.85, 96);
    for (int version = 1; version <= 3; version++) {
      reviews.append(NIGHT.plusSeconds(version), "promoted", Map.of("champion", version), Map.of());
    }
  }

  private static void adopt(
      RegistryFolder registry,
      int version,
      Instant time,
      String measure,
      double score,
      int hidden) {
    String work = registry.place("work/model");
    byte[] epochs =
        "{\"epoch\":1,\"loss\":0.5,\"seconds\":2.5}\n{\"epoch\":2,\"loss\":0.4,\"seconds\":1}\n"
            .getBytes(StandardCharsets.UTF_8);
    TestModel.write(work, false, TestModel.starting(version), epochs, new byte[0]);
    RegistryFolder.describe(
        work,
        Map.of(
            "version", version,
            "time", time.toString(),
            "outcome", "promoted",
            "score",
                Map.of(
                    "name",
                    measure,
                    "champion",
                    score - 0.0125,
                    "challenger",
                    score,
                    "difference",
                    0.0125),
            "figures", Map.of(measure, score, "rows", 80),
            "options", Map.of("hidden", hidden, "layers", 1)));
    registry.adopt(work, version);
  }

  private Outcome registry(String words, String... more) {
    List<String> all = new ArrayList<>(List.of("registry"));
    all.addAll(List.of(words.split(" ")));
    all.addAll(List.of("--registry", dir, "--name", "reviews"));
    all.addAll(List.of(more));
    return Shell.run(all.toArray(String[]::new));
  }

  private String text(String words) {
    Outcome outcome = registry(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome.out();
  }

  private JsonNode json(String words) throws IOException {
    return new ObjectMapper().readTree(registry(words, "--json").lastLine());
  }

  private String refusal(String words) {
    Outcome outcome = registry(words);
    assertThat(outcome.exitCode()).as(outcome.out()).isEqualTo(2);
    assertThat(outcome.err()).doesNotContain("Exception").doesNotContain("fault of Unroll");
    return outcome.err();
  }

  @Test
  void versions_are_listed_with_scores_and_aliases() throws IOException {
    assertThat(text("list").lines())
        .containsExactly(
            "version 1  2026-03-01T03:00:00Z  promoted    accuracy 0.8125, champion 0.8000,"
                + " difference 0.0125",
            "version 2  2026-03-01T03:00:00Z  promoted    accuracy 0.8375, champion 0.8250,"
                + " difference 0.0125",
            "version 3  2026-03-01T03:00:00Z  promoted    accuracy 0.8500, champion 0.8375,"
                + " difference 0.0125  <- champion");
    JsonNode list = json("list");
    assertThat(list.at("/aliases/champion").asInt()).isEqualTo(3);
    assertThat(list.at("/versions/0/score/challenger").asDouble()).isEqualTo(0.8125);
    assertThat(list.at("/versions/2/aliases/0").asText()).isEqualTo("champion");
  }

  @Test
  void a_version_without_words_and_one_with_damaged_words_are_listed() throws IOException {
    Files.delete(Path.of(reviews.versionFile(1)));
    Files.writeString(Path.of(reviews.versionFile(2)), "{");
    List<String> lines = text("list").lines().toList();
    assertThat(lines.get(0)).startsWith("version 1  20").endsWith("Z  -");
    assertThat(lines.get(1)).contains("unreadable");
    assertThat(text("show 1")).contains("folder", "event 1");
    assertThat(text("show 2")).contains("version.json", "is not valid JSON");
    assertThat(text("diff 1 3")).contains("options.hidden", "none -> 96");
  }

  @Test
  void a_version_is_shown_with_its_events() throws IOException {
    assertThat(text("show champion"))
        .contains("version", reviews.version(3), "score.name", "options.hidden", "0.85")
        .contains("event 3  2026-03-01T03:00:03Z  promoted  champion = 3")
        .doesNotContain("event 2");
    JsonNode shown = json("show 2");
    assertThat(shown.at("/about/figures/rows").asInt()).isEqualTo(80);
    assertThat(shown.at("/events/0/moves/champion").asInt()).isEqualTo(2);
  }

  @Test
  void two_versions_are_told_by_what_differs() throws IOException {
    assertThat(text("diff 1 champion").lines())
        .containsExactly(
            "version 1 -> version 3",
            "options.hidden    64 -> 96 (+32)",
            "figures.accuracy  0.8125 -> 0.85 (+0.0375)");
    assertThat(json("diff 1 2").at("/options/hidden/1").asInt()).isEqualTo(96);
    assertThat(text("diff 2 2")).contains("Nothing that they tell differs");
    assertThat(refusal("diff 1")).contains("Two versions are needed", "there are 1");
  }

  @Test
  void models_are_put_beside_each_other_day_by_day() throws IOException {
    RegistryFolder anew = RegistryFolder.at(dir, "anew");
    adopt(anew, 1, NIGHT, "accuracy", 0.875, 64);
    adopt(anew, 2, NIGHT.plus(1, ChronoUnit.DAYS), "accuracy", 0.9, 64);
    anew.append(NIGHT, "promoted", Map.of("champion", 2), Map.of());
    Path page = folder.resolve("history.html");
    text("history --beside anew --out " + page);
    // Three versions of one day: the last one's score, and the seconds of all.
    assertThat(Files.readString(page))
        .contains("reviews, anew", "reviews, accuracy", "anew, seconds", "<img ", "<td>10.5</td>")
        .containsSubsequence("2026-03-01", "0.8500", "10.5", "0.8750", "3.5")
        .containsSubsequence("2026-03-02", "–", "–", "0.9000", "3.5");
    assertThat(refusal("history --out " + page)).contains("history.html", "--overwrite");
    text("history --overwrite --out " + page);
    assertThat(Files.readString(page)).doesNotContain("anew");
  }

  @Test
  void models_that_cannot_be_put_beside_each_other_are_named() {
    RegistryFolder letters = RegistryFolder.at(dir, "letters");
    adopt(letters, 1, NIGHT, "loss", 1.5, 64);
    letters.append(NIGHT, "promoted", Map.of("champion", 1), Map.of());
    String page = folder.resolve("history.html").toString();
    assertThat(refusal("history")).contains("--out is missing");
    assertThat(refusal("history --beside other --out " + page))
        .contains("has no model 'other'; it has: letters, reviews");
    assertThat(refusal("history --beside letters --out " + page))
        .contains("cannot be compared", "reviews=accuracy", "letters=loss");
    assertThat(folder.resolve("history.html")).doesNotExist();
  }

  @Test
  void the_champion_moves_by_hand_and_back() throws IOException {
    assertThat(text("promote 1")).contains("champion is version 1 now, in place of 3.");
    assertThat(text("promote 1")).contains("already");
    assertThat(text("promote champion --alias shadow")).contains("shadow is version 1 now.");
    assertThat(json("rollback").get("to").asInt()).isEqualTo(3);
    assertThat(text("rollback")).contains("champion is version 2 now, in place of 3.");
    text("rollback");
    assertThat(refusal("rollback")).contains("There is nothing to go back to");
    TestModel.assertEqual(ModelStore.read("registry:" + dir + "/reviews"), TestModel.starting(1));
  }

  @Test
  void old_versions_are_removed() throws IOException {
    assertThat(text("prune --keep 1 --keep-days 100000")).contains("0 versions removed, 3 left");
    assertThat(json("prune --keep 1 --keep-days 0").get("removed").toString()).isEqualTo("[1]");
    assertThat(text("list").lines()).hasSize(2);
    assertThat(text("show 3")).doesNotContain("pruned");
  }

  @Test
  void what_is_wrong_is_told_with_exit_code_1() throws IOException {
    assertThat(text("verify")).contains("3 versions and the journal are whole");
    Files.delete(Path.of(reviews.version(2)).resolve("config.json"));
    Outcome outcome = registry("verify");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.out()).startsWith("Version 2: ").contains("config.json");
    outcome = registry("verify", "--json");
    assertThat(outcome.exitCode()).isEqualTo(1);
    JsonNode figures = new ObjectMapper().readTree(outcome.lastLine());
    assertThat(figures.get("problems")).hasSize(1);
  }

  @Test
  void who_holds_the_registry_is_told_to_who_would_write() {
    try (OutputClaim ignored = reviews.claim("scripts/unroll retrain @nightly")) {
      assertThat(refusal("promote 1"))
          .contains("is being written to by process ", ": scripts/unroll retrain @nightly, since ");
      text("list");
      text("verify");
    }
    assertThat(reviews.alias("champion")).hasValue(3);
  }

  @Test
  void what_is_missing_is_named() {
    assertThat(refusal("show")).contains("The version is missing");
    assertThat(refusal("show 7")).contains("no version 7; it has versions 1, 2, 3");
    assertThat(refusal("promote best")).contains("no alias 'best'; it has champion (version 3)");
    assertThat(refusal("promote 1 --alias 1st")).contains("'1st' cannot be an alias");
    assertThat(Shell.run("registry", "list", "--name", "reviews").err())
        .contains("--registry is missing");
    Outcome other = Shell.run("registry", "list", "--registry", dir, "--name", "other");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("has no model 'other'; it has: reviews");
  }

  @Test
  void a_training_begins_with_the_champion_and_says_which_version_that_was() throws IOException {
    String input = Files.writeString(folder.resolve("a.txt"), "abcab ".repeat(60)).toString();
    String[] train = {
      "train",
      "--task",
      "lm",
      "--input",
      input,
      "--unit",
      "char",
      "--hidden",
      "4",
      "--epochs",
      "1",
      "--master",
      "local[2]"
    };
    RegistryFolder letters = RegistryFolder.at(dir, "letters");
    train(train, "--out", letters.place("work/model"));
    letters.adopt(letters.place("work/model"), 1);
    letters.append(NIGHT, "promoted", Map.of("champion", 1), Map.of());
    String named = "registry:" + dir + "/letters@champion";
    String out = folder.resolve("next").toString();
    String secret = "spark.hadoop.fs.s3a.secret.key=";
    train(train, "--from", named, "--out", out, "--conf", secret + "swordfish");
    Map<String, Object> provenance = ModelStore.config(out).provenance();
    assertThat(provenance.get("command").toString()).contains(" '" + secret + "***'");
    assertThat(provenance.get("from"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("path", letters.version(1));
    Outcome written = Shell.run("generate", "--model", named, "--length", "5");
    assertThat(written.exitCode()).as(written.err()).isZero();
    Outcome refused = Shell.run(with(train, "--out", named));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains(named, "never written to");
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static void train(String[] words, String... more) {
    Outcome outcome = Shell.run(with(words, more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }
}
