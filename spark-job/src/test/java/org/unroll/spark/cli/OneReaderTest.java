// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** All commands read the same file the same way. */
class OneReaderTest {
  private static final int ROWS = 40;

  @TempDir Path folder;

  private JsonNode figures(String... words) throws IOException {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--master", "local[2]", "--json"));
    Outcome outcome = Shell.run(all.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  /** A table with a mark, blank lines, and newlines and quotes in its values. */
  private String table() throws IOException {
    StringBuilder text = new StringBuilder("\uFEFFverdict,review,note\r\n\r\n");
    for (int i = 0; i < ROWS; i++) {
      String word = i % 2 == 0 ? "good" : "bad";
      text.append(i % 2 == 0 ? "pos" : "neg").append(",\"very ").append(word);
      text.append(i % 3 == 0 ? "\n\n" : " ").append("\"\"indeed\"\", I say\",").append(i);
      text.append(i % 5 == 0 ? "\n \n\r\n" : "\r\n");
    }
    return Files.writeString(folder.resolve("reviews[1].csv"), text).toString();
  }

  @Test
  void words_of_a_table_s_column_are_learnt_as_those_of_its_text() throws IOException {
    StringBuilder table = new StringBuilder("note,story\n");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      String line = "the cat " + (i % 2 == 0 ? "sat" : "lay") + " on the mat";
      table.append(i).append(",\"").append(line).append("\"\n");
      text.append(line).append('\n');
    }
    String csv = Files.writeString(folder.resolve("stories.csv"), table).toString();
    String txt = Files.writeString(folder.resolve("stories.txt"), text).toString();
    for (String command : List.of("embed --size 4 --epochs 1", "train --unit word --epochs 1")) {
      List<Path> models = new ArrayList<>();
      for (String input : List.of(csv + " --text story", txt)) {
        Path out = folder.resolve(command.substring(0, 5) + models.size());
        models.add(out.resolve("model.safetensors"));
        figures((command + " --input " + input + " --out " + out).split(" "));
      }
      assertThat(models.get(0)).hasSameBinaryContentAs(models.get(1));
    }
    Path model = folder.resolve("train0");
    assertThat(figures("evaluate", "--model", model.toString(), "--input", csv, "--text", "story"))
        .isEqualTo(figures("evaluate", "--model", model.toString(), "--input", txt));
    Outcome refused =
        Shell.run("embed", "--input", csv, "--label", "note", "--out", folder + "/no");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("embed reads one column of text");
  }

  @Test
  void one_file_has_the_same_rows_for_every_command() throws IOException {
    String input = table();
    String model = folder.resolve("model").toString();
    String corpus = folder.resolve("corpus").toString();
    String answers = folder.resolve("answers.jsonl").toString();

    JsonNode described =
        figures("describe", "--input", input, "--text", "review", "--label", "verdict");
    JsonNode prepared =
        figures(
            "prepare",
            "--kind",
            "documents",
            "--input",
            input,
            "--out",
            corpus,
            "--unit",
            "word",
            "--text",
            "review",
            "--label",
            "verdict");
    figures(
        "train",
        "--task",
        "classify",
        "--input",
        input,
        "--text",
        "review",
        "--label",
        "verdict",
        "--out",
        model,
        "--epochs",
        "1",
        "--hidden",
        "4",
        "--embedding",
        "4",
        "--shards",
        "2",
        "--batch",
        "8");
    JsonNode evaluated = figures("evaluate", "--model", model, "--input", input);
    JsonNode answered = figures("predict", "--model", model, "--input", input, "--out", answers);

    assertThat(described.get("rows").asInt()).isEqualTo(ROWS);
    assertThat(described.get("skipped").asInt()).isZero();
    assertThat(prepared.get("documents").asInt()).isEqualTo(ROWS);
    assertThat(prepared.get("skipped").asInt()).isZero();
    JsonNode config = new ObjectMapper().readTree(Path.of(model, "config.json").toFile());
    assertThat(config.at("/provenance/train_rows").asInt()).isEqualTo(ROWS);
    assertThat(config.at("/provenance/skipped_rows").asInt()).isZero();
    assertThat(evaluated.get("rows").asInt()).isEqualTo(ROWS);
    assertThat(answered.get("rows").asInt()).isEqualTo(ROWS);
  }
}
