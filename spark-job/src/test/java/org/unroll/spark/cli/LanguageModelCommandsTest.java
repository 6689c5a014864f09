// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** From text to text, through files, as a person would do it. */
class LanguageModelCommandsTest {
  private static final String TEXT = "the sea is wide, the sea is deep.\n".repeat(120);

  @TempDir static Path folder;
  private static Path text;
  private static Path model;
  private static Outcome trained;

  @BeforeAll
  static void train() throws IOException {
    text = Files.writeString(folder.resolve("sea.txt"), TEXT);
    model = folder.resolve("model");
    trained = train(model, "--workers", "2", "--json");
  }

  private static Outcome train(Path out, String... more) {
    String[] options = {
      "train",
      "--task",
      "lm",
      "--input",
      text.toString(),
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--valid-fraction",
      "0.1",
      "--test",
      text.toString(),
      "--layers",
      "1",
      "--hidden",
      "32",
      "--embedding",
      "16",
      "--batch",
      "8",
      "--window",
      "20",
      "--epochs",
      "6",
      "--lr",
      "0.02",
      "--shards",
      "2",
      "--seed",
      "3"
    };
    return Shell.run(Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  @Test
  void training_reports_its_figures() throws IOException {
    JsonNode figures = json(trained);
    assertThat(figures.get("loss").doubleValue()).isBetween(0.0, 0.8);
    assertThat(figures.get("perplexity").doubleValue())
        .isEqualTo(Math.exp(figures.get("loss").doubleValue()));
    assertThat(figures.get("bits_per_token").doubleValue())
        .isEqualTo(figures.get("loss").doubleValue() / Math.log(2));
    assertThat(figures.get("test_loss").doubleValue()).isBetween(0.0, 1.0);
    assertThat(figures.get("test_perplexity").doubleValue()).isGreaterThan(1);
    assertThat(figures.get("tokens_per_second").doubleValue()).isPositive();
    assertThat(figures.get("epochs").intValue()).isEqualTo(6);
    assertThat(figures.get("best_epoch").intValue()).isBetween(1, 6);
    assertThat(figures.get("vocabulary").intValue())
        .isEqualTo((int) TEXT.chars().distinct().count());
    assertThat(figures.get("tokens").longValue()).isEqualTo((long) (TEXT.length() * 0.9));
    assertThat(figures.get("rounds").longValue()).isEqualTo(6L * 23);
    assertThat(figures.get("parameters").longValue()).isGreaterThan(1000);
    assertThat(figures.get("seconds").doubleValue()).isPositive();
    assertThat(figures.get("model").textValue()).isEqualTo(model.toString());
  }

  @Test
  void training_says_what_it_does() {
    assertThat(trained.out().strip().lines()).hasSize(1);
    assertThat(trained.err())
        .contains("3,672 characters to learn, 408 to validate, 4,080 to test.")
        .contains("Model: LSTM, 1 layer of 32 units, embedding 16, vocabulary 13,")
        .contains("Rounds: 2 shards on 2 workers, resident; kernels: ")
        .contains("epoch 1/6  train ", "epoch 6/6  train ");
  }

  @Test
  void fewer_rounds_are_told_and_remembered() throws IOException {
    Path out = folder.resolve("fewer");
    Outcome outcome = train(out, "--accumulate", "2", "--local-steps", "3", "--json");
    assertThat(json(outcome).get("rounds").longValue()).as("23 windows").isEqualTo(6L * 4);
    assertThat(outcome.err())
        .contains("Local steps: each of 2 shards makes 3 steps of its own between two averages")
        .contains("The result is another one than without --local-steps");
    assertThat(trained.err()).doesNotContain("Local steps");
    JsonNode config = new ObjectMapper().readTree(out.resolve("config.json").toFile());
    assertThat(config.at("/training/accumulate").intValue()).isEqualTo(2);
    assertThat(config.at("/training/local_steps").intValue()).isEqualTo(3);
  }

  @Test
  void training_leaves_a_whole_folder() throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "README.md",
              "config.json",
              "model.safetensors",
              "vocabulary.tsv",
              "metrics.jsonl",
              "report.html");
    }
    assertThat(Files.readAllLines(model.resolve("metrics.jsonl"))).hasSize(6);
    assertThat(Files.readString(model.resolve("report.html")))
        .contains("A language model of sea.txt", "temperature 0.5", "temperature 1.0")
        .doesNotContain("has not finished");
    JsonNode config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(config.at("/training/lr").doubleValue()).isEqualTo(0.02);
    assertThat(config.at("/provenance/results/best_epoch").intValue()).isPositive();
    assertThat(config.at("/provenance/data_hash").textValue()).isNotBlank();
  }

  /** Options that are Spark's settings stay in the process, as those of spark-submit do. */
  @AfterEach
  void forgetReservedCores() {
    System.clearProperty("spark.task.cpus");
  }

  @Test
  void threads_share_the_cores_with_workers() {
    Outcome outcome = train(folder.resolve("threads"), "--threads", "2", "--epochs", "1");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("Rounds: 2 shards on 1 worker of 2 threads, resident;");
  }

  @Test
  void more_threads_than_cores_are_refused_with_both_numbers() {
    Path out = folder.resolve("too many");
    Outcome outcome = train(out, "--threads", "3", "--workers", "1");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("Tasks of 3 cores (--threads, or spark.task.cpus) do not fit")
        .contains("master local[2]. Ask for fewer");
    assertThat(out).doesNotExist();
  }

  @Test
  void one_worker_a_job_a_round_or_more_threads_leave_the_same_bytes() throws IOException {
    List<List<String>> ways =
        List.of(List.of("--workers", "1"), List.of("--rounds", "job"), List.of("--threads", "2"));
    for (List<String> how : ways) {
      Path other = folder.resolve("other" + how.get(0));
      json(train(other, Stream.concat(how.stream(), Stream.of("--json")).toArray(String[]::new)));
      assertThat(other.resolve("model.safetensors"))
          .hasSameBinaryContentAs(model.resolve("model.safetensors"));
    }
  }

  @Test
  void evaluate_scores_what_was_learnt() throws IOException {
    Outcome outcome =
        Shell.run(
            "evaluate",
            "--model",
            model.toString(),
            "--input",
            text.toString(),
            "--master",
            "local[2]",
            "--batch",
            "8",
            "--json");
    JsonNode figures = json(outcome);
    assertThat(figures.get("loss").doubleValue())
        .isCloseTo(json(trained).get("test_loss").doubleValue(), offset(1e-6));
    assertThat(figures.get("tokens").longValue()).isEqualTo(TEXT.length());
  }

  @Test
  void generate_writes_what_was_learnt_and_the_same_for_the_same_seed() throws IOException {
    String[] words = {
      "generate",
      "--model",
      model.toString(),
      "--prompt",
      "the sea",
      "--length",
      "40",
      "--seed",
      "5",
      "--temperature",
      "0.3"
    };
    Outcome outcome = Shell.run(words);
    assertThat(outcome.out())
        .startsWith("the sea is ")
        .hasSize(47 + System.lineSeparator().length());
    assertThat(Shell.run(words)).isEqualTo(outcome);
    JsonNode figures =
        json(
            Shell.run(Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new)));
    assertThat(figures.get("text").textValue()).isEqualTo(outcome.out().stripTrailing());
    assertThat(figures.get("seed").intValue()).isEqualTo(5);
  }

  @Test
  void rare_tokens_may_be_told_by_their_clusters() throws IOException {
    Path adaptive = folder.resolve("adaptive");
    JsonNode figures =
        json(
            train(adaptive, "--adaptive", "4,8", "--adaptive-div", "2", "--epochs", "8", "--json"));
    JsonNode config = new ObjectMapper().readTree(adaptive.resolve("config.json").toFile());
    assertThat(config.at("/model/head/cutoffs").toString()).isEqualTo("[4,8]");
    assertThat(config.at("/model/head/divisor").intValue()).isEqualTo(2);
    assertThat(config.at("/training/adaptive").textValue()).isEqualTo("4,8");
    assertThat(config.at("/training/adaptive_div").intValue()).isEqualTo(2);
    String[] evaluate = {
      "evaluate", "--model", adaptive.toString(), "--input", text.toString(), "--batch", "8"
    };
    JsonNode scored =
        json(
            Shell.run(
                Stream.concat(Stream.of(evaluate), Stream.of("--json")).toArray(String[]::new)));
    assertThat(scored.get("loss").doubleValue())
        .isCloseTo(figures.get("test_loss").doubleValue(), offset(1e-6))
        .isLessThan(1);
    Outcome written =
        Shell.run(
            "generate",
            "--model",
            adaptive.toString(),
            "--prompt",
            "the sea",
            "--length",
            "20",
            "--temperature",
            "0.2");
    assertThat(written.out()).as(written.err()).startsWith("the sea is ");
  }

  @Test
  void clusters_behind_the_vocabulary_are_refused_with_both_numbers() {
    Outcome outcome = train(folder.resolve("none"), "--adaptive", "4,90");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("--adaptive has 90, but the vocabulary has 13 tokens: give smaller numbers");
  }

  @Test
  void generate_needs_no_prompt() {
    Outcome outcome = Shell.run("generate", "--model", model.toString(), "--length", "20");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out().stripTrailing()).isNotEmpty();
  }

  @Test
  void a_prompt_becomes_tokens_by_the_pattern_of_the_training() {
    String cased = folder.resolve("cased").toString();
    Outcome made = train(Path.of(cased), "--unit", "regex", "--pattern", "\\S+", "--epochs", "1");
    assertThat(made.exitCode()).as(made.err()).isZero();
    Outcome outcome =
        Shell.run("generate", "--model", cased, "--prompt", "the sea", "--length", "3");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).startsWith("the sea ");
    assertThat(outcome.err()).doesNotContain("has never seen");
    Outcome unknown = Shell.run("generate", "--model", cased, "--prompt", "the lake");
    assertThat(unknown.err()).contains("has never seen 'lake' and reads it as <unk>.");
  }

  @Test
  void a_prompt_with_unknown_characters_names_them() {
    Outcome outcome =
        Shell.run("generate", "--model", model.toString(), "--prompt", "the Über-sea");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("'Ü' (U+00DC), 'b' (U+0062), 'r' (U+0072), '-' (U+002D).");
  }

  @Test
  void another_model_is_replaced_only_when_asked() throws IOException {
    byte[] before = Files.readAllBytes(model.resolve("model.safetensors"));
    Outcome refused = train(model);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--overwrite");
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(before);
  }
}
