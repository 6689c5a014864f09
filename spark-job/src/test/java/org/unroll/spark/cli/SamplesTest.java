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
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;

/** The tasks on the samples of the project. */
class SamplesTest {
  @TempDir Path folder;

  /**
   * A task on a sample.
   *
   * @param figure that must be between two bounds, far from what is reached without learning
   */
  private record Case(
      String task, String sample, String options, String figure, double least, double most) {
    @Override
    public String toString() {
      return task + " " + sample;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        // 15 of 16 are right; half of them are of either class.
        new Case(
            "classify",
            "letters",
            "--text text --label label --bidirectional --pooling max --embedding 24 --batch 8 --lr 0.01"
                + " --epochs 20",
            "test_accuracy",
            0.85,
            1),
        // 0.87 is reached; the most frequent depth has 0.28 of the steps.
        new Case(
            "tag",
            "brackets",
            "--text text --label depths --head crf --cell gru --batch 8 --lr 0.02 --epochs 30",
            "test_accuracy",
            0.75,
            1),
        // 1.18 is reached; the last value again has 2.33.
        new Case(
            "forecast",
            "series",
            "--horizon 6 --context 36 --season 12 --batch 16 --lr 0.005 --epochs 12",
            "test_mase",
            0,
            1.5),
        // 0.002 is reached; the mean of the training rows has 0.163.
        new Case(
            "forecast",
            "adding",
            "--label label --cell gru --batch 8 --lr 0.01 --epochs 60",
            "test_mse",
            0,
            0.03),
        new Case(
            "state",
            "walks",
            "--probe positions --epochs 15",
            "test_probe_accuracy",
            // Twice what the last observation alone tells; a filter that knows the world has 0.96.
            0.65,
            1),
        // 0.14 is reached; saying nothing at all has 1.
        new Case(
            "recognise",
            "strokes",
            "--bidirectional --batch 8 --lr 0.01 --epochs 30",
            "test_label_error_rate",
            0,
            0.35),
        // 0.81 is reached; without learning how digits depend on each other about 0.4.
        new Case(
            "execute",
            "additions",
            "--text program --label answer --bidirectional --batch 16 --lr 0.01 --epochs 20"
                + " --hidden 32",
            "test_character_accuracy",
            0.7,
            1),
        new Case(
            "translate",
            "additions",
            "--text program --label answer --unit char --bidirectional --batch 16 --lr 0.01"
                + " --epochs 6 --hidden 32",
            "test_token_accuracy",
            0.45,
            1),
        // 50 is reached.
        new Case(
            "caption",
            "drawings",
            "--label captions --bidirectional --batch 16 --lr 0.01 --epochs 15 --dropout 0.1",
            "test_bleu_4",
            40,
            100));
  }

  private String[] train(Case c, Path out) {
    String data = Shell.HOME.resolve("data-samples").resolve(c.sample()).toString();
    List<String> words =
        new ArrayList<>(List.of("train", "--task", c.task(), "--out", out.toString()));
    words.addAll(List.of("--input", data + "/train.jsonl", "--valid", data + "/valid.jsonl"));
    words.addAll(List.of("--test", data + "/test.jsonl", "--master", "local[2]", "--json"));
    words.addAll(List.of("--layers", "1", "--hidden", "24", "--shards", "2"));
    words.addAll(List.of(c.options().split(" ")));
    return words.toArray(String[]::new);
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_sample_is_learnt_and_answered_for(Case c) throws IOException {
    Path model = folder.resolve("model");
    JsonNode figures = json(Shell.run(train(c, model)));
    assertThat(figures.get(c.figure()).doubleValue()).isBetween(c.least(), c.most());
    String test = Shell.HOME.resolve("data-samples").resolve(c.sample()) + "/test.jsonl";
    Path answers = folder.resolve("answers.jsonl");
    JsonNode predicted =
        json(
            Shell.run(
                "predict",
                "--model",
                model.toString(),
                "--input",
                test,
                "--out",
                answers.toString(),
                "--master",
                "local[2]",
                "--json"));
    assertThat(predicted.get("rows").longValue()).isEqualTo(rows(Path.of(test)).size());
    List<String> ids = new ArrayList<>();
    try (Stream<Path> files = Files.list(answers)) {
      for (Path part : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String line : rows(part)) {
          JsonNode answer = new ObjectMapper().readTree(line);
          assertThat(answer.has("prediction")).isTrue();
          ids.add(answer.get("id").textValue());
        }
      }
    }
    List<String> expected = new ArrayList<>();
    for (String line : rows(Path.of(test))) {
      expected.add(new ObjectMapper().readTree(line).get("id").textValue());
    }
    assertThat(ids).isEqualTo(expected);
  }

  private static List<String> rows(Path file) throws IOException {
    return Files.readAllLines(file);
  }
}
