// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.TestModel;

/** Versions that come into use, go out of it, and are removed, in a registry of their own. */
class PromotionsTest {
  private static final Instant FIRST = Instant.parse("2026-01-01T03:00:00Z");

  @TempDir Path folder;
  private RegistryFolder reviews;
  private Promotions promotions;
  private Upkeep upkeep;

  @BeforeEach
  void open() {
    reviews = RegistryFolder.at(folder.resolve("models").toString(), "reviews");
    promotions = new Promotions(reviews);
    upkeep = new Upkeep(reviews);
  }

  private static Instant day(int day) {
    return FIRST.plus(Duration.ofDays(day));
  }

  /** Adds a version that was made on the day of its number. */
  private void adopt(int version) {
    String work = reviews.place("work/model");
    TestModel.write(work, false, TestModel.starting(version), new byte[0], new byte[0]);
    RegistryFolder.describe(work, Map.of("version", version, "time", day(version).toString()));
    reviews.adopt(work, version);
  }

  /** Has a training make versions, of which each becomes champion. */
  private void promoteAll(int... versions) {
    for (int version : versions) {
      adopt(version);
      reviews.append(day(version), "promoted", Map.of("champion", version), Map.of());
    }
  }

  private Promotions.Move promote(int version) {
    return promotions.promote(String.valueOf(version), "champion", day(99), "test");
  }

  private Promotions.Move rollBack() {
    return promotions.rollBack(day(99), "test");
  }

  private static void assertProblem(ThrowingCallable work, String... said) {
    assertThatThrownBy(work).isInstanceOf(InputException.class).hasMessageContainingAll(said);
  }

  @Test
  void a_roll_back_goes_to_the_champion_before_and_another_one_further() {
    promoteAll(1, 2, 3);
    assertThat(rollBack()).isEqualTo(new Promotions.Move("champion", 3, 2, 4L));
    assertThat(rollBack()).isEqualTo(new Promotions.Move("champion", 2, 1, 5L));
    assertProblem(this::rollBack, "nothing to go back to", "no champion before version 1");
    assertThat(reviews.alias("champion")).hasValue(1);
    assertThat(reviews.journal()).hasSize(5);
  }

  @Test
  void what_comes_behind_a_roll_back_goes_back_to_where_that_went() {
    promoteAll(1, 2, 3);
    rollBack();
    promoteAll(4);
    assertThat(promotions.champions()).containsExactly(1, 2, 4);
    assertThat(rollBack().to()).isEqualTo(2);
    assertThat(promote(3).from()).isEqualTo(2);
    assertThat(promote(1).from()).isEqualTo(3);
    assertThat(promotions.champions()).containsExactly(1, 2, 3, 1);
    assertThat(rollBack().to()).isEqualTo(3);
  }

  @Test
  void an_alias_that_was_removed_is_no_champion() {
    promoteAll(1, 2);
    reviews.append(day(3), "removed", Map.of("champion", 0), Map.of());
    assertThat(promotions.champions()).containsExactly(1, 2, 0);
    assertThat(rollBack()).isEqualTo(new Promotions.Move("champion", null, 2, 4L));
    assertThat(rollBack().to()).isEqualTo(1);
  }

  @Test
  void a_promotion_by_hand_says_what_was_before_and_happens_once() {
    promoteAll(1, 2);
    assertThat(promote(1)).isEqualTo(new Promotions.Move("champion", 2, 1, 3L));
    RegistryFolder.Event event = reviews.journal().get(2);
    assertThat(event.kind()).isEqualTo("promoted-by-hand");
    assertThat(event.details()).containsEntry("from", 2).containsEntry("to", 1);
    assertThat(promote(1).event()).isNull();
    assertThat(promotions.promote("champion", "shadow", day(9), "test").to()).isEqualTo(1);
    assertThat(reviews.aliases()).isEqualTo(Map.of("champion", 1, "shadow", 1));
    assertThat(promotions.champions()).containsExactly(1, 2, 1);
  }

  @Test
  void a_damaged_version_does_not_come_into_use() throws IOException {
    promoteAll(1, 2);
    Files.writeString(Path.of(reviews.version(1)).resolve("vocabulary.tsv"), "a\t1\nb\t1\nc\t1\n");
    assertProblem(() -> promote(1), "do not belong together");
    assertProblem(this::rollBack, "do not belong together");
    assertThat(reviews.alias("champion")).hasValue(2);
  }

  @Test
  void a_champion_that_was_removed_cannot_come_back() {
    promoteAll(1, 2);
    reviews.remove(List.of(1));
    assertProblem(this::rollBack, "Version 1, the champion before, is not in");
  }

  @Test
  void nothing_is_promoted_where_nothing_is() {
    assertProblem(() -> promote(1), "There is no registry of models");
    reviews.append(day(1), "failed", Map.of(), Map.of());
    assertProblem(() -> promote(1), "no version 1; it has no version");
    assertProblem(this::rollBack, "has had no champion yet");
    assertThat(folder.resolve("models").toFile().list()).containsExactly("reviews");
  }

  @Test
  void pruning_leaves_the_newest_the_young_and_what_is_in_use_or_could_be() {
    promoteAll(1, 2, 3);
    for (int version = 4; version <= 8; version++) {
      adopt(version);
    }
    reviews.append(day(8), "tried", Map.of("challenger", 5), Map.of());
    assertThat(upkeep.prune(8, 0, day(9), "test")).isEmpty();
    assertThat(upkeep.prune(1, 9, day(9), "test")).isEmpty();
    assertThat(reviews.journal()).hasSize(4);
    assertThat(upkeep.prune(1, 2, day(9), "test")).containsExactly(1, 4, 6);
    assertThat(reviews.versions()).containsExactly(2, 3, 5, 7, 8);
    RegistryFolder.Event event = reviews.journal().get(4);
    assertThat(event.kind()).isEqualTo("pruned");
    assertThat(event.moves()).isEmpty();
    assertThat(event.details()).containsEntry("versions", List.of(1, 4, 6));
    assertThat(VersionFacts.of(reviews, 2).isIn(event)).isFalse();
    assertThat(new VersionFacts(4, FIRST, Map.of()).isIn(event)).isTrue();
    assertThat(rollBack().to()).isEqualTo(2);
    assertThat(upkeep.verify()).isEmpty();
  }

  @Test
  void everything_that_is_wrong_is_told() throws IOException {
    promoteAll(1, 2, 3, 4);
    assertThat(upkeep.verify()).isEmpty();
    Path home = folder.resolve("models/reviews");
    Files.delete(home.resolve("journal/00000002.champion=2.json"));
    Files.writeString(home.resolve("journal/00000003.champion=3.json"), "{");
    Files.writeString(home.resolve("journal/notes.txt"), "mine");
    Files.delete(home.resolve("versions/000001/model.safetensors"));
    Files.writeString(home.resolve("versions/000002/version.json"), "{\"version\": 7}");
    Files.move(home.resolve("versions/000004"), home.resolve("versions/four"));
    assertThat(upkeep.verify())
        .satisfiesExactlyInAnyOrder(
            told -> assertThat(told).contains("journal/notes.txt is no event"),
            told -> assertThat(told).contains("no events 2 to 2"),
            told -> assertThat(told).contains("00000003.champion=3.json", "not valid JSON"),
            told -> assertThat(told).contains("versions/four is no version"),
            told -> assertThat(told).startsWith("Version 1: ").contains("model.safetensors"),
            told -> assertThat(told).contains("000002/version.json says that it is version 7"),
            told ->
                assertThat(told).isEqualTo("The alias champion is version 4, which is not there."));
  }
}
