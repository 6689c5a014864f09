// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;

class DescribeTest {
  @TempDir Path folder;

  private static JsonNode figures(String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("describe", "--master", "local[2]", "--json"));
    words.addAll(List.of(options));
    Outcome outcome = Shell.run(words.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new JsonMapper().readTree(outcome.lastLine());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adding  | --labels numbers                             | 2",
        "brackets|                                              | 0",
        "brackets| --label depths --labels steps                | 0",
        "series  | --labels none                                | 1",
        "strokes |                                              | 3",
        "walks   | --text observations,actions --label positions --labels steps | 0"
      })
  void the_samples_are_what_the_tasks_read(String kind, String options, int channels)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add("--input");
    words.add(Shell.HOME.resolve("data-samples/" + kind + "/train.jsonl").toString());
    if (options != null) {
      words.addAll(List.of(options.split(" ")));
    }

    JsonNode figures = figures(words.toArray(String[]::new));

    assertThat(figures.get("rows").asInt()).isEqualTo(64);
    assertThat(figures.get("channels").asInt()).isEqualTo(channels);
    assertThat(figures.get("skipped").asInt()).isZero();
  }

  @Test
  void people_read_the_same_as_programs() throws IOException {
    Path file =
        Files.writeString(folder.resolve("a.tsv"), "stars\ttext\n5\tGood, good!\n\tno\n1\tBad.\n");
    String[] options = {
      "describe",
      "--master",
      "local[2]",
      "--input",
      file.toString(),
      "--header",
      "--label",
      "stars",
      "--on-bad-row",
      "skip"
    };

    Outcome outcome = Shell.run(options);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("format     tsv", "rows       2", "left out   1, the first is line 3 of " + file)
        .contains("steps      6, the longest row has 4", "tokens     5 different in column text")
        .contains("labels     2: 1 (1), 5 (1)");
  }

  @Test
  void bad_input_is_exit_code_2_and_one_paragraph() throws IOException {
    Path file = Files.writeString(folder.resolve("a.tsv"), "1\tok\n\tno\n");

    Outcome outcome =
        Shell.run(
            "describe",
            "--master",
            "local[2]",
            "--input",
            file.toString(),
            "--columns",
            "label,text");
    Outcome twice = Shell.run("describe", "--input", file.toString(), "--columns", "a,a");
    Outcome missing = Shell.run("describe");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualTo(
            "unroll describe: The row in line 2 of "
                + file
                + " cannot be used: it has no label (column 'label'). Mend or remove it, or leave"
                + " such rows out with --on-bad-row skip.\n");
    assertThat(twice.err()).contains("--columns a,a", "'a' twice");
    assertThat(missing.err()).contains("--input is missing");
  }
}
