// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** From rows to answers, through files, as a person would do it. */
class RowsCommandsTest {
  private static final String[] GOOD = {"fine", "lovely", "great"};
  private static final String[] BAD = {"awful", "dull", "poor"};
  private static final String[] OTHER = {"the", "boat", "was", "and", "we", "sailed"};

  @TempDir static Path folder;
  private static Path train;
  private static Path test;
  private static Path model;
  private static Outcome trained;

  @BeforeAll
  static void train() throws IOException {
    train = reviews("train.tsv", 160, 1);
    test = reviews("test.tsv", 40, 2);
    model = folder.resolve("model");
    trained = train(model, "--workers", "2", "--test", test.toString(), "--json");
  }

  /** A word somewhere in a review tells its label. */
  private static Path reviews(String name, int count, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      boolean good = random.nextBoolean();
      int at = random.nextInt(6);
      StringBuilder text = new StringBuilder();
      for (int t = 0; t < 6 + random.nextInt(6); t++) {
        String[] from = t == at ? good ? GOOD : BAD : OTHER;
        text.append(' ').append(from[random.nextInt(from.length)]);
      }
      rows.append(good ? "pos" : "neg").append("\tr").append(i).append('\t');
      rows.append(text.substring(1)).append('\n');
    }
    return Files.writeString(folder.resolve(name), rows);
  }

  private static Outcome train(Path out, String... more) {
    return Shell.run(words(out, more));
  }

  private static String[] words(Path out, String... more) {
    String[] options = {
      "train",
      "--task",
      "classify",
      "--input",
      train.toString(),
      "--columns",
      "label,id,text",
      "--valid-fraction",
      "0.2",
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--bidirectional",
      "--pooling",
      "max",
      "--layers",
      "1",
      "--hidden",
      "12",
      "--embedding",
      "8",
      "--dropout",
      "0.1",
      "--batch",
      "16",
      "--epochs",
      "10",
      "--lr",
      "0.02",
      "--shards",
      "2",
      "--seed",
      "3"
    };
    return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static byte[] params(Path model) throws IOException {
    return Files.readAllBytes(model.resolve("model.safetensors"));
  }

  @Test
  void training_learns_and_reports_its_figures() throws IOException {
    JsonNode figures = json(trained);
    assertThat(figures.get("accuracy").doubleValue()).isGreaterThan(0.9);
    assertThat(figures.get("test_accuracy").doubleValue()).isGreaterThan(0.9);
    assertThat(figures.get("test_auc").doubleValue()).isGreaterThan(0.95);
    assertThat(figures.get("test_rows").intValue()).isEqualTo(40);
    assertThat(model)
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**vocabulary.tsv")
        .isDirectoryContaining("glob:**metrics.jsonl");
    assertThat(Files.readString(model.resolve("report.html")))
        .contains("Confusion, test data")
        .containsSubsequence("<dt>accuracy, test</dt>", "<dt>macro F1, test</dt>")
        .containsSubsequence("<dt>AUC, test</dt>", "<dt>accuracy, validation</dt>")
        .contains("alt=\"accuracy of the validation data by epoch. Epoch ", "sequences per second");
    assertThat(folder.resolve("model.shards")).doesNotExist();
  }

  @Test
  void a_training_stops_after_so_many_rounds_and_tells() throws IOException {
    Path out = folder.resolve("short");
    JsonNode figures = json(train(out, "--max-steps", "3", "--json"));
    assertThat(figures.get("rounds").intValue()).isEqualTo(3);
    assertThat(figures.get("ended_by").textValue()).isEqualTo("max_steps");
    assertThat(figures.get("peak_memory_bytes").longValue()).isPositive();
    assertThat(Files.readString(out.resolve("report.html"))).contains("--max-steps");
  }

  @Test
  void a_training_that_broke_off_goes_on_to_the_same_bits() throws IOException {
    Path out = folder.resolve("resumed");
    String[] options = {"--checkpoint-every", "3", "--json"};
    Outcome broken = Shell.runUntil("epoch 1/10", words(out, options));
    assertThat(broken.exitCode()).isNotZero();
    Outcome resumed = train(out, options);
    assertThat(resumed.err()).contains("Resuming after");
    json(resumed);
    assertThat(params(out)).isEqualTo(params(model));
  }

  @Test
  void a_model_is_evaluated_and_answers_in_order() throws IOException {
    JsonNode figures =
        json(
            Shell.run(
                "evaluate",
                "--model",
                model.toString(),
                "--input",
                test.toString(),
                "--columns",
                "label,id,text",
                "--master",
                "local[2]",
                "--json"));
    assertThat(figures.get("accuracy").doubleValue())
        .isEqualTo(json(trained).get("test_accuracy").doubleValue());
    Path answers = folder.resolve("answers.csv");
    Outcome predicted =
        Shell.run(
            "predict",
            "--model",
            model.toString(),
            "--input",
            test.toString(),
            "--columns",
            "label,id,text",
            "--out",
            answers.toString(),
            "--master",
            "local[2]",
            "--json");
    assertThat(json(predicted).get("rows").intValue()).isEqualTo(40);
    List<String> lines = lines(answers);
    assertThat(lines.get(0)).isEqualTo("id,prediction,probability");
    assertThat(lines).hasSize(41);
    List<String> rows = Files.readAllLines(test);
    int right = 0;
    for (int i = 0; i < 40; i++) {
      String[] answer = lines.get(i + 1).split(",");
      assertThat(answer[0]).isEqualTo("r" + i);
      assertThat(answer[2].split(" ")).hasSize(2);
      right += rows.get(i).startsWith(answer[1]) ? 1 : 0;
    }
    assertThat(right / 40.0).isEqualTo(figures.get("accuracy").doubleValue());
  }

  private static List<String> lines(Path answers) throws IOException {
    try (Stream<Path> files = Files.list(answers)) {
      List<Path> parts = files.filter(f -> f.toString().endsWith(".csv")).sorted().toList();
      assertThat(parts).isNotEmpty();
      StringBuilder all = new StringBuilder();
      for (Path part : parts) {
        all.append(Files.readString(part));
      }
      return all.toString().lines().toList();
    }
  }

  @Test
  void a_label_that_training_never_saw_is_named_with_its_line() throws IOException {
    Path odd = Files.writeString(folder.resolve("odd.tsv"), "pos\ta\tfine\nmixed\tb\tdull\n");
    String[] evaluate = {
      "evaluate",
      "--model",
      model.toString(),
      "--input",
      odd.toString(),
      "--columns",
      "label,id,text",
      "--master",
      "local[2]"
    };
    Outcome refused = Shell.run(evaluate);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " "))
        .contains("ine 2 of ", "odd.tsv", "'mixed'", "neg, pos", "--on-bad-row skip");
    String[] skipping =
        Stream.of(evaluate, new String[] {"--on-bad-row", "skip", "--json"})
            .flatMap(Stream::of)
            .toArray(String[]::new);
    JsonNode figures = json(Shell.run(skipping));
    assertThat(figures.get("rows").intValue()).isEqualTo(1);
    assertThat(figures.get("skipped").intValue()).isEqualTo(1);
    String[] counting =
        Stream.of(evaluate, new String[] {"--unseen-labels", "wrong", "--json"})
            .flatMap(Stream::of)
            .toArray(String[]::new);
    Outcome counted = Shell.run(counting);
    assertThat(counted.err()).contains("counts as a mistake: 'mixed' in line 2 of " + odd);
    assertThat(json(counted).get("rows").intValue()).isEqualTo(2);
    assertThat(json(counted).get("unseen_labels").intValue()).isEqualTo(1);
    assertThat(json(counted).get("accuracy").doubleValue()).isEqualTo(0.5);
  }

  @Test
  void test_rows_are_checked_before_the_training() throws IOException {
    Path odd = Files.writeString(folder.resolve("odd-test.tsv"), "mixed\tb\tdull\n");
    Outcome refused = train(folder.resolve("unchecked"), "--test", odd.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("'mixed'").doesNotContain("epoch 1");
    assertThat(folder.resolve("unchecked")).doesNotExist();
    assertThat(folder.resolve("unchecked.shards")).doesNotExist();
  }

  @Test
  void a_model_of_another_task_is_refused() {
    Outcome generate = Shell.run("generate", "--model", model.toString());
    assertThat(generate.exitCode()).isEqualTo(2);
    assertThat(generate.err().toLowerCase(Locale.ROOT)).contains("task classify");
    Outcome probed =
        Shell.run(
            "evaluate",
            "--model",
            model.toString(),
            "--input",
            test.toString(),
            "--probe",
            "positions");
    assertThat(probed.exitCode()).isEqualTo(2);
    assertThat(probed.err().replaceAll("\\s+", " "))
        .contains("--probe says nothing to a model", "task classify");
  }

  @Test
  void options_of_another_task_are_refused() {
    Outcome outcome = train(folder.resolve("none"), "--horizon", "3");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--horizon does not go with --task classify");
    Outcome lm =
        Shell.run("train", "--input", "x.txt", "--out", "y", "--bidirectional", "--seed", "1");
    assertThat(lm.exitCode()).isEqualTo(2);
    assertThat(lm.err()).contains("--bidirectional does not go with --task lm");
  }

  @Test
  void a_row_without_a_label_ends_the_training_unless_it_is_skipped() throws IOException {
    Path odd = folder.resolve("unlabelled.tsv");
    Files.writeString(odd, Files.readString(train) + "\tx\tno label here\n");
    Outcome refused = train(folder.resolve("unlabelled"), "--input", odd.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("ine 161 of");
  }
}
