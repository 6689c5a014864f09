// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.InputException;

class CheckpointStoreTest {
  @TempDir Path parent;
  private Path folder;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void nameFolder() {
    folder = parent.resolve("model.checkpoints");
  }

  private CheckpointStore store(int keep) {
    return new CheckpointStore(folder.toString(), keep, warnings::add);
  }

  private static CheckpointFile.Content content(long step) {
    return new CheckpointFile.Content(
        Map.of("step", Long.toString(step)), Map.of("params", new float[] {step, -1}));
  }

  private void write(int keep, long... steps) {
    for (long step : steps) {
      store(keep).write(step, content(step));
    }
  }

  private String newestStep() {
    return store(9).newest().map(found -> found.content().texts().get("step")).orElse("none");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path file(long step) {
    return folder.resolve("round-%012d.safetensors".formatted(step));
  }

  @Test
  void the_newest_comes_back_as_it_was_written() {
    assertThat(newestStep()).isEqualTo("none");
    write(9, 5, 7, 1000);
    CheckpointStore.Found found = store(9).newest().orElseThrow();
    assertThat(found.file()).isEqualTo(file(1000).toString());
    assertThat(found.content().vectors().get("params")).containsExactly(1000, -1);
    assertThat(warnings).isEmpty();
  }

  @Test
  void older_ones_are_pruned_and_other_files_are_left_alone() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("round-1.safetensors"), "mine too");
    write(2, 1, 2, 3, 4);
    assertThat(names())
        .containsExactly(
            "notes.txt",
            "round-000000000003.safetensors",
            "round-000000000004.safetensors",
            "round-1.safetensors");
    store(2).clear();
    assertThat(names()).containsExactly("notes.txt", "round-1.safetensors");
  }

  @Test
  void nothing_is_left_of_a_folder_that_is_cleared() throws IOException {
    write(2, 1, 2);
    store(2).clear();
    assertThat(folder).doesNotExist();
    store(2).clear();
    store(2).prepare(parent.resolve("model").toString());
    store(2).removeIfEmpty();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void damaged_files_are_skipped_with_a_warning_each() throws IOException {
    write(9, 1, 2, 3, 4);
    Files.write(file(4), new byte[0]);
    byte[] three = Files.readAllBytes(file(3));
    Files.write(file(3), Arrays.copyOf(three, three.length - 20));
    byte[] two = Files.readAllBytes(file(2));
    two[two.length - 12] ^= 4;
    Files.write(file(2), two);
    assertThat(newestStep()).isEqualTo("1");
    assertThat(warnings)
        .containsExactly(
            "Skipped the checkpoint " + file(4) + ", which is empty.",
            "Skipped the checkpoint "
                + file(3)
                + ", which is cut off or damaged: its checksum does not match its content.",
            "Skipped the checkpoint "
                + file(2)
                + ", which is cut off or damaged: its checksum does not match its content.");
    assertThat(store(9).newestFile()).contains(file(4).toString());
  }

  @Test
  void damaged_files_stay_until_a_newer_checkpoint_is_there() throws IOException {
    write(9, 10, 20);
    Files.write(file(20), new byte[] {1});
    assertThat(newestStep()).isEqualTo("10");
    assertThat(names()).hasSize(2);
    write(2, 15);
    assertThat(names())
        .containsExactly("round-000000000010.safetensors", "round-000000000015.safetensors");
    assertThat(newestStep()).isEqualTo("15");
  }

  @Test
  void what_killed_writers_left_is_removed() throws IOException {
    write(2, 1);
    String left = ".round-000000000002.safetensors.unroll-" + new java.util.UUID(1, 2);
    Files.writeString(folder.resolve(left), "half");
    Files.writeString(folder.resolve(".round-notes"), "mine");
    assertThat(newestStep()).isEqualTo("1");
    store(2).prepare(parent.resolve("model").toString());
    assertThat(names()).containsExactly(".round-notes", "round-000000000001.safetensors");
  }

  @Test
  void a_folder_that_cannot_be_used_is_refused_before_the_training() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");
    folder = file.resolve("below");
    assertThatThrownBy(() -> store(2).prepare(parent.resolve("model").toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder + " cannot be used")
        .hasMessageContaining("permissions");
    folder = file;
    assertThatThrownBy(() -> store(2).prepare(parent.resolve("model").toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("it is a file");
    assertThat(file).exists();
  }

  @Test
  void the_folder_of_the_model_is_refused() {
    folder = parent.resolve("model/checkpoints");
    for (String out : List.of("model", "model/checkpoints")) {
      assertThatThrownBy(() -> store(2).prepare(parent.resolve(out).toString()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("cannot be in the model's folder")
          .hasMessageContaining("--checkpoint-dir");
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void a_write_that_fails_leaves_what_was_there() throws IOException {
    write(1, 1);
    byte[] before = Files.readAllBytes(file(1));
    // A folder that is not empty is in the way of the second.
    Files.createDirectories(file(2).resolve("full"));
    assertThatThrownBy(() -> write(1, 2))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(file(2) + " could not be written: ");
    assertThat(file(1)).hasBinaryContent(before);
    assertThat(names()).hasSize(2);
    assertThat(newestStep()).isEqualTo("1");
  }

  @Test
  void the_usual_folder_is_beside_the_model() {
    assertThat(HadoopFiles.beside(parent + "/model/", ".checkpoints")).isEqualTo(folder.toString());
  }
}
