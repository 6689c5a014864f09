// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.store.RegistryFolder.Event;

class RegistryFolderTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  @TempDir Path folder;
  private Path dir;
  private RegistryFolder reviews;

  @BeforeEach
  void open() {
    dir = folder.resolve("models");
    reviews = RegistryFolder.at(dir.toString(), "reviews");
  }

  private void adopt(int version) {
    String work = reviews.place("work/model");
    TestModel.write(work, false, TestModel.starting(version), new byte[0], new byte[0]);
    RegistryFolder.describe(work, Map.of("version", version));
    reviews.adopt(work, version);
  }

  private Event promote(int version) {
    return reviews.append(
        NOON, "promoted", Map.of("champion", version), Map.of("score", 0.5, "of", List.of("a")));
  }

  private static void assertProblem(ThrowingCallable work, String... said) {
    assertThatThrownBy(work).isInstanceOf(InputException.class).hasMessageContainingAll(said);
  }

  private Path journal() {
    return dir.resolve("reviews/journal");
  }

  @Test
  void a_version_is_a_model_that_an_alias_finds_from_its_event_on() {
    adopt(1);
    assertThat(reviews.exists()).isFalse();
    promote(1);
    assertThat(reviews.exists()).isTrue();
    assertThat(RegistryFolder.names(dir.toString())).containsExactly("reviews");
    adopt(12);
    String named = "registry:" + dir + "/reviews";
    TestModel.assertEqual(ModelStore.read(named), TestModel.starting(1));
    promote(12);
    TestModel.assertEqual(ModelStore.read(named), TestModel.starting(12));
    TestModel.assertEqual(ModelStore.read(named + "@champion/"), TestModel.starting(12));
    TestModel.assertEqual(ModelStore.read(named + "@1"), TestModel.starting(1));
    assertThat(VectorStore.read(named + "@1").values()).startsWith(1, 2, 3);
    assertThat(ModelStore.config(named + "@12").task()).isEqualTo("lm");
    assertThat(RegistryFolder.resolve(named))
        .isEqualTo(dir.resolve("reviews/versions/000012").toString())
        .isEqualTo(reviews.version(12));
    assertThat(reviews.versions()).containsExactly(1, 12);
    assertThat(reviews.about(12)).containsExactly(Map.entry("version", 12));
  }

  @Test
  void events_are_read_back_in_order_and_the_newest_of_an_alias_counts() throws IOException {
    adopt(1);
    adopt(2);
    Event first =
        reviews.append(NOON, "promoted", Map.of("champion", 1, "a-b_C", 2), Map.of("x", "é"));
    Event second = reviews.append(NOON.plusSeconds(1), "failed", Map.of(), Map.of());
    Event third = reviews.append(NOON.plusMillis(2), "moved", Map.of("a-b_C", 1), Map.of());
    assertThat(reviews.journal()).containsExactly(first, second, third);
    assertThat(List.of(first, second, third)).extracting(Event::number).containsExactly(1L, 2L, 3L);
    assertThat(reviews.aliases()).containsExactly(Map.entry("a-b_C", 1), Map.entry("champion", 1));
    assertThat(reviews.alias("champion")).hasValue(1);
    assertThat(reviews.alias("challenger")).isEmpty();
    assertThat(journal())
        .isDirectoryNotContaining(file -> file.getFileName().toString().startsWith("."))
        .isDirectoryContaining("glob:**/00000001.a-b_C=2.champion=1.json")
        .isDirectoryContaining("glob:**/00000002.json");
    reviews.append(NOON, "removed", Map.of("a-b_C", 0), Map.of());
    assertThat(reviews.aliases()).containsExactly(Map.entry("champion", 1));
  }

  @Test
  void unfinished_and_foreign_files_move_nothing() throws IOException {
    adopt(1);
    promote(1);
    Files.writeString(journal().resolve(".00000002.champion=9.json.unroll-1"), "{");
    Files.writeString(journal().resolve("00000003.champion=9.json.bak"), "{");
    Files.createDirectories(dir.resolve("reviews/versions/.000002.unroll-1"));
    assertThat(reviews.aliases()).containsExactly(Map.entry("champion", 1));
    assertThat(reviews.versions()).containsExactly(1);
    assertThat(promote(1).number()).isEqualTo(2);
  }

  @Test
  void a_version_is_never_replaced() {
    adopt(1);
    assertProblem(() -> adopt(1), "has a version 1 already");
    TestModel.assertEqual(ModelStore.read(reviews.version(1)), TestModel.starting(1));
    TestModel.assertEqual(ModelStore.read(reviews.place("work/model")), TestModel.starting(1));
    assertProblem(() -> reviews.adopt(reviews.place("nothing"), 2), "There is no model folder");
  }

  @Test
  void a_finished_model_with_a_version_file_may_be_replaced() {
    String work = reviews.place("work/model");
    TestModel.write(work, false, TestModel.starting(1), new byte[0], new byte[0]);
    RegistryFolder.describe(work, Map.of("version", 1));
    ModelStore.requireFree(work, true);
    assertProblem(() -> ModelStore.requireFree(work, false), "already holds a model");
  }

  @Test
  void what_is_not_there_is_told_with_what_is() {
    String named = "registry:" + dir + "/reviews";
    assertProblem(() -> ModelStore.read(named), "There is no registry of models in " + dir);
    adopt(1);
    adopt(2);
    promote(2);
    assertProblem(
        () -> ModelStore.read("registry:" + dir + "/other"), "no model 'other'; it has: reviews");
    assertProblem(
        () -> ModelStore.read(named + "@best"), "no alias 'best'; it has champion (version 2)");
    assertProblem(() -> ModelStore.read(named + "@3"), "no version 3; it has versions 1, 2.");
    assertProblem(() -> ModelStore.read("registry:" + dir + "/a b"), "'a b' cannot be the name");
  }

  @Test
  void an_alias_whose_version_was_removed_by_others_is_told() throws IOException {
    adopt(1);
    adopt(2);
    promote(2);
    Files.move(dir.resolve("reviews/versions/000002"), folder.resolve("taken"));
    assertProblem(
        () -> ModelStore.read("registry:" + dir + "/reviews"),
        "The alias champion of " + reviews.show() + " is version 2, which is not there",
        "there is version 1.");
  }

  @Test
  void nothing_is_written_to_what_a_registry_names() {
    adopt(1);
    promote(1);
    String named = "registry:" + dir + "/reviews@1";
    for (ThrowingCallable write :
        List.<ThrowingCallable>of(
            () -> ModelStore.requireFree(named, true),
            () -> new ModelStore.Writer(named, true),
            () -> AtomicFiles.requireFree(named, true),
            () -> OutputFolder.free(named, false, GeneratedData.FOLDER),
            () -> OutputClaim.take(named))) {
      assertProblem(write, named, "never written to");
    }
  }

  @Test
  void aliases_move_to_versions_that_are_there_alone() {
    adopt(1);
    assertProblem(() -> promote(2), "no version 2; it has version 1.");
    assertProblem(
        () -> reviews.append(NOON, "x", Map.of("1st", 1), Map.of()), "'1st' cannot be an alias");
    assertThat(reviews.exists()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", ".x", "a/b", "a@b", "ü", "-x", "a b"})
  void other_names_are_refused(String name) {
    assertProblem(() -> RegistryFolder.at(dir.toString(), name), "cannot be the name of a model");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"number\":1}",
        "{\"number\":2,\"time\":\"2026-11-01T12:00:00Z\",\"kind\":\"a\",\"moves\":{},\"details\":{}}",
        "{\"number\":1,\"time\":\"2026-11-01T12:00:00Z\",\"kind\":\"a\",\"moves\":{\"champion\":2},"
            + "\"details\":{}}",
        "{\"number\":1,\"time\":\"noon\",\"kind\":\"a\",\"moves\":{\"champion\":1},\"details\":{}}"
      })
  void a_damaged_event_is_named(String content) throws IOException {
    adopt(1);
    promote(1);
    Path file = journal().resolve("00000001.champion=1.json");
    Files.writeString(file, content);
    assertProblem(reviews::journal, file.toString());
    assertThat(reviews.alias("champion")).hasValue(1);
    assertThat(promote(1).number()).isEqualTo(2);
  }

  @Test
  void a_damaged_version_file_is_named_and_none_says_nothing() throws IOException {
    adopt(1);
    Path file = dir.resolve("reviews/versions/000001/version.json");
    assertThat(reviews.versionFile(1)).isEqualTo(file.toString());
    Files.writeString(file, "{\"version\":");
    assertProblem(() -> reviews.about(1), file.toString());
    Files.delete(file);
    assertThat(reviews.about(1)).isEmpty();
  }

  @Test
  void removed_versions_are_gone_with_what_an_earlier_removal_left() throws IOException {
    adopt(1);
    adopt(2);
    Path left = dir.resolve("reviews/versions/.000000.unroll-" + UUID.randomUUID());
    Files.createDirectories(left.resolve("deep"));
    reviews.remove(List.of(1));
    assertThat(reviews.versions()).containsExactly(2);
    assertThat(dir.resolve("reviews/versions").toFile().list()).containsExactly("000002");
  }

  @Test
  void who_writes_is_told_to_others() {
    try (OutputClaim mine = reviews.claim("unroll retrain")) {
      assertProblem(
          () -> reviews.claim("unroll registry"),
          reviews.show() + " is being written to by process ",
          ": unroll retrain, since 20");
      mine.requireMine();
    }
    reviews.claim("").close();
  }

  @Test
  void readers_never_see_half_a_model_or_none() throws Exception {
    readWhilePromoting(dir.toString(), 25);
  }

  /** Reads the champion again and again, in two threads, while one version after another is it. */
  static void readWhilePromoting(String dir, int last) throws Exception {
    RegistryFolder models = RegistryFolder.at(dir, "polled");
    AtomicBoolean over = new AtomicBoolean();
    List<FutureTask<Integer>> readers = new ArrayList<>();
    for (int version = 1; version <= last; version++) {
      String work = models.place("work/model");
      TestModel.write(work, false, TestModel.starting(version), new byte[0], new byte[0]);
      models.adopt(work, version);
      models.append(NOON, "promoted", Map.of("champion", version), Map.of());
      if (version == 1) {
        for (int i = 0; i < 2; i++) {
          FutureTask<Integer> reader =
              new FutureTask<>(() -> lastSeen("registry:" + dir + "/polled@champion", over));
          readers.add(reader);
          new Thread(reader).start();
        }
      }
    }
    over.set(true);
    for (FutureTask<Integer> reader : readers) {
      assertThat(reader.get()).isEqualTo(last);
    }
  }

  private static int lastSeen(String model, AtomicBoolean over) {
    int seen = 1;
    boolean again = true;
    while (again) {
      again = !over.get(); // What is read after the last promotion is the last version.
      SavedModel read = ModelStore.read(model);
      int version = (int) read.params()[0];
      TestModel.assertEqual(read, TestModel.starting(version));
      assertThat(version).isGreaterThanOrEqualTo(seen);
      seen = version;
    }
    return seen;
  }
}
