// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;

class InputListingTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    for (String name :
        List.of("b.txt", "a.txt", "sub/c.gz", "sub/deep/d", "_SUCCESS", ".hidden", "sub/_tmp/e")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.writeString(folder.resolve(name), name);
    }
  }

  private List<InputFile> list(String... inputs) {
    List<String> absolute =
        java.util.Arrays.stream(inputs).map(name -> folder + "/" + name).toList();
    return InputListing.list(absolute, new Configuration());
  }

  private List<String> names(String... inputs) {
    return list(inputs).stream().map(InputFile::name).toList();
  }

  private static AbstractThrowableAssert<?, ?> assertProblem(Runnable listing) {
    return assertThatThrownBy(listing::run).isInstanceOf(InputException.class);
  }

  @Test
  void a_folder_gives_its_files_by_path_without_hidden_ones() {
    assertThat(names("")).containsExactly("a.txt", "b.txt", "sub/c.gz", "sub/deep/d");
  }

  @Test
  void files_are_ordered_by_path_and_taken_once() {
    assertThat(names("b.txt", "a.txt", "*.txt", "b.txt")).containsExactly("a.txt", "b.txt");
  }

  @Test
  void a_folder_that_another_input_covers_is_no_empty_folder() {
    assertThat(names("", "sub")).hasSize(4);
  }

  @Test
  void patterns_match_files_and_folders() {
    assertThat(names("*")).containsExactly("a.txt", "b.txt", "sub/c.gz", "sub/deep/d");
    assertThat(names("{a,b}.txt", "sub/[c]*")).containsExactly("a.txt", "b.txt", "c.gz");
  }

  @Test
  void a_hidden_file_is_taken_when_it_is_named() {
    assertThat(names(".hidden")).containsExactly(".hidden");
  }

  @Test
  void names_with_wildcards_colons_and_blanks_are_names_where_they_exist() throws IOException {
    for (String name : List.of("x[1].txt", "a b:c.txt", "100%.txt")) {
      Files.writeString(folder.resolve(name), "x");
      assertThat(names(name)).containsExactly(name);
    }
  }

  @Test
  void paths_are_relative_to_the_current_folder() {
    List<InputFile> files = InputListing.list(List.of("pom.xml"), new Configuration());
    assertThat(files.get(0).path())
        .isEqualTo(Path.of("pom.xml").toAbsolutePath().toUri().toString().replace("///", "/"));
  }

  @Test
  void schemes_are_honoured() {
    List<InputFile> files =
        InputListing.list(List.of("file:" + folder + "/a.txt"), new Configuration());
    assertThat(files).hasSize(1);
    assertProblem(() -> InputListing.list(List.of("nosuch:/a"), new Configuration()))
        .hasMessageContaining("nosuch");
  }

  @Test
  void compressed_files_are_known_by_their_names() {
    assertThat(list("sub")).extracting(InputFile::packed).containsExactly(true, false);
  }

  @Test
  void what_is_not_there_is_a_problem() {
    assertProblem(() -> list("nothing.txt")).hasMessageContaining(folder + "/nothing.txt");
    assertProblem(() -> list("*.csv"))
        .hasMessageContaining("matches")
        .hasMessageContaining("*.csv");
    assertProblem(() -> list("none/*.csv")).hasMessageContaining("none/*.csv");
    assertProblem(() -> list("_*")).hasMessageContaining("left out");
    assertProblem(() -> list("{a")).hasMessageContaining("{a");
    assertProblem(() -> InputListing.list(List.of(), new Configuration()))
        .hasMessageContaining("No input");
    assertProblem(() -> InputListing.list(List.of(" "), new Configuration()))
        .hasMessageContaining("empty");
  }

  @Test
  void a_folder_without_files_is_a_problem() throws IOException {
    Files.createDirectories(folder.resolve("empty/sub"));
    Files.writeString(folder.resolve("empty/_SUCCESS"), "");
    assertProblem(() -> list("empty"))
        .hasMessageContaining("has no files")
        .hasMessageContaining("_ or .");
  }

  @Test
  void an_empty_file_is_a_problem_when_it_is_named_but_not_among_others() throws IOException {
    Files.createFile(folder.resolve("void.txt"));
    assertProblem(() -> list("void.txt")).hasMessageContaining("void.txt is empty");
    assertThat(names("*.txt")).contains("void.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.zip", "a.tar.gz", "a.TGZ", "a.txt.xz", "a.Z", "a.lz4"})
  void archives_are_refused(String name) throws IOException {
    Files.writeString(folder.resolve(name), "x");
    assertProblem(() -> list(name)).hasMessageContaining(name).hasMessageContaining("Unpack it");
  }
}
