// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Model folders that earlier versions wrote open, and their models say what they said then. */
class EarlierFoldersTest {
  static final Path FOLDERS = Shell.HOME.resolve("spark-job/src/test/resources/version-1");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sums over batches may be added in another order today. */
  private static final double RELATIVE = 1e-9;

  @TempDir Path folder;

  private static JsonNode expected() throws IOException {
    return JSON.readTree(FOLDERS.resolve("expected.json").toFile());
  }

  static Stream<String> models() throws IOException {
    List<String> names = new ArrayList<>();
    expected().fieldNames().forEachRemaining(names::add);
    return names.stream();
  }

  private static Outcome run(String words) {
    Outcome outcome = Shell.runIn(FOLDERS, (words + " --master local[1]").split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  @ParameterizedTest
  @MethodSource("models")
  void a_model_scores_as_it_did(String model) throws IOException {
    JsonNode then = expected().get(model);
    String data = then.get("options").asText().replace("--input ", "--input " + FOLDERS + "/");
    Outcome outcome = run("evaluate --model " + FOLDERS.resolve(model) + " " + data + " --json");
    JsonNode now = JSON.readTree(outcome.lastLine());
    for (Iterator<Map.Entry<String, JsonNode>> i = then.get("figures").fields(); i.hasNext(); ) {
      Map.Entry<String, JsonNode> figure = i.next();
      double value = figure.getValue().asDouble();
      assertThat(now.get(figure.getKey()).asDouble())
          .as(figure.getKey())
          .isCloseTo(value, within(Math.abs(RELATIVE * value)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classify-text", "tag-crf", "forecast-series", "recognise", "state"})
  void a_model_answers_as_it_did(String model) throws IOException {
    Path answers = folder.resolve("answers.jsonl");
    String input = expected().get(model).get("options").asText().split(" ")[1];
    run(
        "predict --model %s --input %s --out %s"
            .formatted(FOLDERS.resolve(model), FOLDERS.resolve(input), answers));
    List<String> lines = new ArrayList<>();
    try (Stream<Path> parts = Files.list(answers)) {
      for (Path part : parts.filter(p -> p.toString().endsWith(".jsonl")).sorted().toList()) {
        lines.addAll(Files.readAllLines(part));
      }
    }
    assertThat(lines).isEqualTo(Files.readAllLines(FOLDERS.resolve(model + "/answers.jsonl")));
  }
}
