// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;

/** A model of any task against itself: what it is compared by is the figure of its evaluation. */
class AgainstItselfTest {
  @TempDir Path folder;

  private static JsonNode run(List<String> words) throws IOException {
    Outcome outcome = Shell.run(words.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static List<String> words(String line) {
    return List.of((line + " --json --master local[2]").split(" +"));
  }

  /** Fifteen rows, some of them different. */
  private static String rows(String name) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 15; i++) {
      rows.append(
          switch (name) {
            case "spans.conll" -> "x B-NP\ny %s\nz O\n\n".formatted(i % 3 == 0 ? "O" : "I-NP");
            case "plain.conll" -> "x one\ny %s\n\n".formatted(i % 3 == 0 ? "one" : "two");
            case "series.jsonl" -> "{\"features\":[1,2,%s,4,2,3]}\n".formatted(i);
            case "said.jsonl" ->
                "{\"features\":[[1,2],[3,%s],[5,6]],\"label\":\"%s\"}\n"
                    .formatted(i, i % 2 == 0 ? "ab" : "b");
            case "pairs.jsonl" ->
                "{\"text\":\"ein hund %s\",\"label\":\"a dog %s\"}\n".formatted(i % 4, i % 4);
            default ->
                "{\"observations\":[\"a\",\"%s\",\"a\"],\"actions\":[\"l\",\"r\",\"l\"]}\n"
                    .formatted(i % 2 == 0 ? "b" : "c");
          });
    }
    return rows.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "tag, spans.conll, '', f1, f1, 1",
    "tag, plain.conll, '', accuracy, accuracy, 1",
    "forecast, series.jsonl, --horizon 2, minus_rmse, rmse, -1",
    "recognise, said.jsonl, '', minus_label_error_rate, label_error_rate, -1",
    "translate, pairs.jsonl, --unit bpe --vocab-size 280, minus_loss, loss, -1",
    "state, walks.jsonl, '', accuracy, accuracy, 1"
  })
  void nothing_is_gained(
      String task, String file, String more, String measure, String figure, double sign)
      throws IOException {
    Path input = Files.writeString(folder.resolve(file), rows(file));
    Path model = folder.resolve("model");
    run(
        words(
            "train --task %s --input %s --out %s --hidden 4 --layers 1 --epochs 1 --batch 4 %s"
                .formatted(task, input, model, more)));
    JsonNode figures =
        run(words("evaluate --model %s --input %s --against %s".formatted(model, input, model)));
    JsonNode comparison = figures.get("comparison");
    assertThat(comparison.get("measure").textValue()).isEqualTo(measure);
    JsonNode all = comparison.at("/parts/0");
    assertThat(all.get("rows").intValue()).isEqualTo(15);
    // Losses of single tokens are told in 24 bits.
    double expected = sign * figures.get(figure).doubleValue();
    assertThat(all.get("a").doubleValue()).isCloseTo(expected, within(1e-6 * Math.abs(expected)));
    assertThat(all.get("difference").doubleValue()).isZero();
    assertThat(all.get("low").doubleValue()).isZero();
    assertThat(all.get("high").doubleValue()).isZero();
  }
}
