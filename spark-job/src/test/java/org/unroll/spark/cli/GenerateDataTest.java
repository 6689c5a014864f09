// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

class GenerateDataTest {
  private static final List<String> FILES = List.of("train.jsonl", "valid.jsonl", "test.jsonl");

  @TempDir Path folder;

  private Outcome generate(Path out, String... options) {
    List<String> words = new ArrayList<>(List.of("generate-data"));
    words.addAll(List.of(options));
    words.addAll(List.of("--out", out.toString()));
    return Shell.run(words.toArray(String[]::new));
  }

  /** The lines without their ids. */
  private static Set<String> contents(Path file) throws IOException {
    Set<String> contents = new HashSet<>();
    for (String line : Files.readAllLines(file)) {
      contents.add(line.replaceFirst("\"id\":\"[^\"]*\",", ""));
    }
    return contents;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"adding", "brackets", "drawings", "programs", "series", "strokes", "walks"})
  void the_seed_alone_decides_and_files_share_nothing(String kind) throws IOException {
    Path out = folder.resolve("a");
    Outcome outcome = generate(out, kind, "--count", "60", "--test-count", "7", "--json");
    Path again = folder.resolve("b");
    generate(again, kind, "--count", "60", "--test-count", "7", "--picture");
    Path other = folder.resolve("c");
    generate(other, kind, "--count", "60", "--test-count", "7", "--seed", "2");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(new JsonMapper().readTree(outcome.lastLine()).get("valid").asInt()).isEqualTo(6);
    assertThat(new JsonMapper().readTree(out.resolve("data.json").toFile()).get("kind").asText())
        .isEqualTo(kind);
    Set<String> all = new HashSet<>();
    int lines = 0;
    for (String file : FILES) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(out.resolve(file));
      assertThat(Files.readString(other.resolve(file)))
          .isNotEqualTo(Files.readString(out.resolve(file)));
      Set<String> contents = contents(out.resolve(file));
      assertThat(all).doesNotContainAnyElementsOf(contents);
      all.addAll(contents);
      lines += Files.readAllLines(out.resolve(file)).size();
    }
    assertThat(lines).isEqualTo(73);
    assertThat(Files.readAllBytes(again.resolve("samples.png")))
        .startsWith((byte) 0x89, 'P', 'N', 'G');
    assertThat(out.resolve("samples.png")).doesNotExist();
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "series --length 10 --season 12 | --season 12",
        "strokes --min-letters 4 --max-letters 2 | --max-letters",
        "strokes --letters 27 | --letters is 27",
        "adding --length 1 | --length is 1",
        "walks --width 2 --height 1 --walls 0.99 | nowhere to walk",
        "walks --width 2 --height 1 --walls 0 --length 1 --count 5000 --valid-count 1"
            + " | not enough different sequences",
        "adding --count 0 | --count is 0",
        "programs --additions --nesting 3 | --nesting",
        "programs --nesting 21 | --nesting is 21",
        "poems | no command 'poems'"
      })
  void what_cannot_be_made_leaves_nothing(String options, String message) {
    Outcome outcome = generate(folder.resolve("a"), options.strip().split(" "));

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains(message.strip());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_is_there_is_not_touched() throws IOException {
    Path mine = Files.writeString(folder.resolve("mine.txt"), "mine");

    assertThat(generate(folder, "adding").exitCode()).isEqualTo(2);
    assertThat(generate(folder, "adding").err()).contains(folder.toString(), "not empty");
    assertThat(generate(mine, "adding").exitCode()).isEqualTo(2);
    assertThat(Shell.run("generate-data", "adding").err()).contains("--out is missing");
    assertThat(mine).hasContent("mine");
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void data_is_replaced_only_if_asked_to_and_nothing_else_ever_is() throws IOException {
    Path out = folder.resolve("a");
    generate(out, "adding", "--count", "20", "--picture");
    assertThat(generate(out, "series").err()).contains(out + " is there already", "--overwrite");
    assertThat(generate(out, "series", "--overwrite", "--count", "30").exitCode()).isZero();
    assertThat(Files.readAllLines(out.resolve("train.jsonl"))).hasSize(30);
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("train.jsonl", "valid.jsonl", "test.jsonl", "data.json");

    Path description = out.resolve("data.json");
    Path mine = Files.writeString(out.resolve("mine.txt"), "mine");
    assertThat(generate(out, "adding", "--overwrite").err())
        .contains(mine + " was not written by generate-data");
    Files.delete(mine);
    Files.delete(description);
    Outcome outcome = generate(out, "adding", "--overwrite");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains(out + " was not written by generate-data");
    assertThat(Files.readAllLines(out.resolve("train.jsonl"))).hasSize(30);
    assertThat(folder.toFile().list()).containsExactly("a");
  }
}
