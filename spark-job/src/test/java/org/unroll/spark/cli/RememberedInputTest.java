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

/** A model knows how the data looked that it was trained on, and reads others alike. */
class RememberedInputTest {
  @TempDir Path folder;

  private JsonNode figures(String words) throws IOException {
    List<String> all = new ArrayList<>(List.of(words.split(" ")));
    all.addAll(List.of("--master", "local[2]", "--json"));
    Outcome outcome = Shell.run(all.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private Path write(String name, String first, String row) throws IOException {
    StringBuilder text = new StringBuilder(first);
    for (int i = 0; i < 20; i++) {
      boolean good = i % 2 == 0;
      text.append(row.formatted(good ? "pos" : "neg", good ? "good" : "bad", i));
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private Path train(String words, Path input) throws IOException {
    Path model = folder.resolve("model");
    figures(
        "train --input %s --out %s --epochs 1 --hidden 4 --layers 1 --overwrite %s"
            .formatted(input, model, words));
    return model;
  }

  @Test
  void names_that_were_given_to_columns_are_those_of_other_files_without_a_header()
      throws IOException {
    Path plain = write("plain.tsv", "", "%s\ta %s film %d\n");
    Path model = train("--task classify --columns label,text", plain);
    String evaluate = "evaluate --model " + model + " --input ";
    JsonNode scores = figures(evaluate + plain);
    assertThat(scores.get("rows").intValue()).isEqualTo(20);
    assertThat(figures(evaluate + write("a.csv", "", "%s,a %s film %d\n"))).isEqualTo(scores);
    assertThat(figures(evaluate + write("h.tsv", "label\ttext\n", "%s\ta %s film %d\n")))
        .isEqualTo(scores);
    Path headed = write("other.csv", "id,text,label\n", "%3$d,a %2$s film %3$d,%1$s\n");
    assertThat(figures(evaluate + headed)).isEqualTo(scores);
    JsonNode answers =
        figures("predict --model %s --input %s --out %s/p".formatted(model, plain, folder));
    assertThat(answers.get("rows").intValue()).isEqualTo(20);
  }

  @Test
  void a_format_that_was_told_is_that_of_files_named_alike() throws IOException {
    Path sentences = write("a.txt", "", "%s A\n%s B\n\n%n".replace("%n", "%3$.0s"));
    Path model = train("--task tag --format conll --columns word,tag --label tag", sentences);
    String evaluate = "evaluate --model " + model + " --input ";
    JsonNode scores = figures(evaluate + sentences);
    assertThat(scores.get("rows").intValue()).isEqualTo(20);
    Path packed = Files.copy(sentences, folder.resolve("other"));
    assertThat(figures(evaluate + packed)).isEqualTo(scores);
    Path rows = write("a.jsonl", "", "{\"word\": [\"%s\", \"%s\"], \"tag\": [\"A\", \"B\"]}\n");
    assertThat(figures(evaluate + rows)).isEqualTo(scores);
  }

  @Test
  void a_language_model_reads_the_column_that_it_learnt() throws IOException {
    Path stories = write("a.csv", "note,story\n", "%s,a %s story %d\n");
    Path model = train("--text story --batch 2 --window 5", stories);
    String evaluate = "evaluate --model " + model + " --input ";
    JsonNode scores = figures(evaluate + stories);
    assertThat(figures(evaluate + stories + " --text story")).isEqualTo(scores);
    assertThat(figures(evaluate + write("a.txt", "", "%2$sa %2$s story %3$d\n".substring(4))))
        .isEqualTo(scores);
  }
}
