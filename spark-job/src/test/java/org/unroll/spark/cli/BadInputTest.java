// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.TaskModel;

/** Errors that are found with Spark running. */
class BadInputTest {
  @TempDir Path folder;

  /** Trains on a file; nothing may be left. */
  private String refusal(String name, byte[] content, String... more) throws IOException {
    Path input = folder.resolve(name);
    if (content != null) {
      Files.write(input, content);
    }
    Path out = folder.resolve("out");
    String[] words = new String[7 + more.length];
    System.arraycopy(
        new String[] {
          "train", "--master", "local[2]", "--input", input.toString(), "--out", out.toString()
        },
        0,
        words,
        0,
        7);
    System.arraycopy(more, 0, words, 7, more.length);
    Outcome outcome = Shell.run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(out).doesNotExist();
    String last = outcome.err().strip().lines().reduce((a, b) -> b).orElseThrow();
    assertThat(last).startsWith("unroll train: ");
    assertThat(outcome.err()).doesNotContain("\tat ", "Exception");
    return last;
  }

  @Test
  void a_missing_file() throws IOException {
    assertThat(refusal("no.txt", null)).contains("There is no input").contains("no.txt");
  }

  @Test
  void an_empty_file() throws IOException {
    assertThat(refusal("empty.txt", new byte[0])).contains("empty.txt is empty");
  }

  @Test
  void invalid_utf8() throws IOException {
    byte[] bytes = "good\nbad \u0000\n".repeat(50).getBytes();
    bytes[9] = (byte) 0xff;
    assertThat(refusal("latin.txt", bytes))
        .contains("latin.txt")
        .contains("UTF-8")
        .contains("line 2");
  }

  @Test
  void a_file_shorter_than_a_window() throws IOException {
    assertThat(refusal("short.txt", "too short".getBytes()))
        .contains("short.txt has 9 tokens, but --window 50 needs more than 50");
  }

  @Test
  void more_workers_than_slots() throws IOException {
    byte[] text = "some text\n".repeat(100).getBytes();
    assertThat(refusal("text.txt", text, "--workers", "3", "--shards", "4"))
        .contains("3 workers")
        .contains("local[2] has 2");
    assertThat(refusal("text.txt", text, "--workers", "64", "--shards", "2"))
        .contains("64 workers")
        .contains("local[2] has 2");
  }

  @Test
  void a_missing_validation_file() throws IOException {
    byte[] text = "some text\n".repeat(100).getBytes();
    assertThat(refusal("text.txt", text, "--valid", folder.resolve("v.txt").toString()))
        .contains("v.txt");
  }

  @Test
  void a_model_with_no_memory_of_itself() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{\"format_version\": 99}");
    Outcome outcome = Shell.run("generate", "--model", model.toString());
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("format version 99");
  }

  @ParameterizedTest
  @ValueSource(strings = {"classify-text", "tag-crf", "forecast-series", "recognise", "state"})
  void a_field_that_is_null_where_a_model_needs_it_is_named(String name) throws IOException {
    Path model = Files.createDirectory(folder.resolve(name));
    try (Stream<Path> files = Files.list(EarlierFoldersTest.FOLDERS.resolve(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    ObjectMapper json = new ObjectMapper();
    Path config = model.resolve("config.json");
    JsonNode whole = json.readTree(config.toFile());
    int named = 0;
    for (Iterator<String> fields = whole.get("data").fieldNames(); fields.hasNext(); ) {
      JsonNode damaged = whole.deepCopy();
      String field = fields.next();
      ((ObjectNode) damaged.get("data")).putNull(field);
      json.writeValue(config.toFile(), damaged);
      try {
        TaskModel.of(ModelStore.read(model.toString()));
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("config.json").hasMessageContaining(field);
        named++;
      }
    }
    assertThat(named).isPositive();
  }
}
