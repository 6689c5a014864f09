// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

/** From lines that are pairs to what a model writes, as a person would do it. */
class WritingCommandsTest {
  private static final String[] WORDS = {"one", "two", "three", "four", "five"};
  private static final String[] OTHERS = {"eins", "zwei", "drei", "vier", "fünf"};

  @TempDir static Path folder;
  private static Path model;
  private static Path read;
  private static Path right;
  private static JsonNode trained;

  /** Each pair has some words, and the same in another language from the last to the first. */
  private static Path pairs(String name, int count, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder from = new StringBuilder();
    StringBuilder to = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(3);
      List<String> written = new ArrayList<>();
      List<String> words = new ArrayList<>();
      for (int t = 0; t < length; t++) {
        int word = random.nextInt(WORDS.length);
        words.add(OTHERS[word]);
        written.add(0, WORDS[word]);
      }
      from.append(String.join(" ", words)).append(".\n");
      to.append(String.join(" ", written)).append(".\n");
    }
    Files.writeString(folder.resolve(name + ".en"), to);
    return Files.writeString(folder.resolve(name + ".de"), from);
  }

  @BeforeAll
  static void train() throws IOException {
    Path train = pairs("train", 240, 1);
    Path valid = pairs("valid", 40, 2);
    read = pairs("test", 30, 3);
    right = folder.resolve("test.en");
    model = folder.resolve("model");
    trained =
        json(
            shell(
                "train --task translate --unit wordpunct --hidden 24 --layers 1 --bidirectional"
                    + " --epochs 12 --lr 0.02 --batch 16 --seed 3 --shards 2 --json --input "
                    + train
                    + " --target "
                    + folder.resolve("train.en")
                    + " --valid "
                    + valid
                    + " --valid-target "
                    + folder.resolve("valid.en")
                    + " --test "
                    + read
                    + " --test-target "
                    + right
                    + " --out "
                    + model));
  }

  private static Outcome shell(String words) {
    return Shell.run((words + " --master local[2]").split(" +"));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static List<JsonNode> answers(String options) throws IOException {
    List<JsonNode> answers = new ArrayList<>();
    for (String line : lines("jsonl", options)) {
      answers.add(new ObjectMapper().readTree(line));
    }
    return answers;
  }

  /** Returns the lines of all parts of the answers in a format. */
  private static List<String> lines(String format, String options) throws IOException {
    Path out = Files.createTempDirectory(folder, "answers").resolve("out." + format);
    json(shell("predict --model " + model + " --out " + out + " --json " + options));
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(out)) {
      for (Path part : files.filter(f -> f.toString().endsWith("." + format)).sorted().toList()) {
        lines.addAll(Files.readAllLines(part));
      }
    }
    return lines;
  }

  @Test
  void pairs_of_lines_are_learnt_and_scored() throws IOException {
    assertThat(trained.get("test_bleu").doubleValue()).isGreaterThan(60);
    assertThat(trained.get("test_chrf").doubleValue()).isGreaterThan(60);
    assertThat(trained.get("test_token_accuracy").doubleValue()).isGreaterThan(0.8);
    assertThat(trained.get("test_perplexity").doubleValue())
        .isEqualTo(Math.exp(trained.get("test_loss").doubleValue()));
    assertThat(model)
        .isDirectoryContaining("glob:**vocabulary.tsv")
        .isDirectoryContaining("glob:**vocabulary_target.tsv");
    JsonNode scored =
        json(
            shell(
                "evaluate --json --model %s --input %s --target %s".formatted(model, read, right)));
    assertThat(scored.get("rows").intValue()).isEqualTo(30);
    for (String figure : List.of("loss", "bleu", "chrf", "token_accuracy")) {
      assertThat(scored.get(figure)).as(figure).isEqualTo(trained.get("test_" + figure));
    }
  }

  @Test
  void answers_are_texts_in_the_order_of_the_lines() throws IOException {
    List<JsonNode> answers = answers("--input " + read);
    List<String> expected = Files.readAllLines(right);
    assertThat(answers).hasSize(30);
    int equal = 0;
    for (int i = 0; i < 30; i++) {
      assertThat(answers.get(i).get("id").textValue()).isEqualTo(Integer.toString(i + 1));
      equal += answers.get(i).get("prediction").textValue().equals(expected.get(i)) ? 1 : 0;
    }
    assertThat(equal).isGreaterThan(15);
  }

  @Test
  void several_answers_come_with_scores_and_with_what_was_looked_at() throws IOException {
    Path one = Files.writeString(folder.resolve("one.de"), "drei zwei.\n");
    JsonNode answer =
        answers("--input " + one + " --beam 4 --n-best 3 --alignment --length-penalty 0.6").get(0);
    assertThat(answer.get("n_best")).hasSize(3);
    assertThat(answer.get("n_best").get(0)).isEqualTo(answer.get("prediction"));
    assertThat(answer.get("n_best_scores").get(0).floatValue())
        .isEqualTo((float) answer.get("score").doubleValue())
        .isGreaterThanOrEqualTo(answer.get("n_best_scores").get(1).floatValue());
    double weights = 0;
    for (JsonNode weight : answer.get("alignment").get(0)) {
      weights += weight.doubleValue();
    }
    assertThat(answer.get("alignment").get(0)).hasSize(3);
    assertThat(weights).isCloseTo(1, offset(1e-5));
  }

  @ParameterizedTest
  @CsvSource({"csv,'\"',','", "tsv,'','\t'"})
  void several_answers_are_told_apart_in_formats_without_lists(
      String format, String quote, String between) throws IOException {
    Path one = Files.writeString(folder.resolve("several.de"), "drei zwei.\n");
    String options = "--input " + one + " --beam 4 --n-best 2";
    JsonNode texts = answers(options).get(0).get("n_best");
    String shown = texts.toString();
    String cell = quote.isEmpty() ? shown : quote + shown.replace("\"", "\"\"") + quote;
    List<String> lines = lines(format, options);
    assertThat(lines.get(0))
        .isEqualTo(String.join(between, "id,prediction,score,n_best,n_best_scores".split(",")));
    assertThat(texts).hasSize(2);
    assertThat(lines.get(1)).contains(between + cell + between);
  }

  @Test
  void an_answer_may_be_drawn_instead() throws IOException {
    String hot = "--input " + read + " --temperature 3 --seed ";
    List<JsonNode> drawn = answers(hot + 5);
    assertThat(answers(hot + 5)).isEqualTo(drawn);
    assertThat(answers(hot + 6)).isNotEqualTo(drawn);
    List<JsonNode> best = answers("--input " + read);
    assertThat(drawn).isNotEqualTo(best);
    assertThat(answers("--input " + read + " --temperature 0")).isEqualTo(best);
    assertThat(answers(hot + "5 --top-k 1")).isEqualTo(best);
  }

  @Test
  void a_typed_text_is_answered_as_one_in_a_file() throws IOException {
    Path one = Files.writeString(folder.resolve("typed.de"), "vier eins.\n");
    String answer = answers("--input " + one).get(0).get("prediction").textValue();
    Outcome said =
        Shell.run("predict", "--model", model.toString(), "--say", "vier eins.", "--json");
    assertThat(json(said).get("prediction").textValue()).isEqualTo(answer);
    assertThat(Shell.run("predict", "--model", model.toString(), "--say", "x", "--out", "y").err())
        .contains("--say answers a text that is typed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tsv", "csv", "jsonl", "parquet"})
  void pairs_in_columns_are_scored_as_pairs_of_lines(String format) throws IOException {
    Path rows = columns("columns." + format, read, right);
    JsonNode scored =
        json(
            shell(
                "evaluate --json --model %s --input %s --text de --label en"
                    .formatted(model, rows)));
    for (String figure : List.of("bleu", "chrf", "token_accuracy")) {
      assertThat(scored.get(figure)).as(figure).isEqualTo(trained.get("test_" + figure));
    }
    assertThat(scored.get("loss").doubleValue())
        .isCloseTo(trained.get("test_loss").doubleValue(), offset(1e-9));
    JsonNode described =
        json(shell("describe --json --labels texts --text de --label en --input " + rows));
    assertThat(described.get("texts").intValue()).isEqualTo(30);
  }

  /** Writes pairs as the columns {@code de} and {@code en}. */
  private static Path columns(String name, Path sources, Path targets) throws IOException {
    List<String> from = Files.readAllLines(sources);
    List<String> to = Files.readAllLines(targets);
    Path rows = folder.resolve(name);
    if (name.endsWith(".parquet")) {
      Path lines = columns(name + ".jsonl", sources, targets);
      try (SparkSession spark = SparkSession.builder().master("local[1]").getOrCreate()) {
        spark.read().json(lines.toString()).write().parquet(rows.toString());
      }
      return rows;
    }
    boolean json = name.endsWith(".jsonl");
    String between = name.endsWith(".csv") ? "," : "\t";
    StringBuilder text = new StringBuilder(json ? "" : "en" + between + "de\n");
    for (int i = 0; i < from.size(); i++) {
      text.append(
          json
              ? "{\"de\": \"%s\", \"en\": \"%s\"}\n".formatted(from.get(i), to.get(i))
              : to.get(i) + between + from.get(i) + "\n");
    }
    return Files.writeString(rows, text);
  }

  @Test
  void a_finished_training_is_gone_on_with() throws IOException {
    String data = " --input %s --target %s".formatted(read, right);
    JsonNode more =
        json(
            shell(
                "train --task translate --unit wordpunct --hidden 24 --layers 1 --bidirectional"
                    + " --epochs 1 --lr 0.0001 --json --from %s --out %s --valid %s --valid-target %s"
                        .formatted(model, folder.resolve("more"), read, right)
                    + " --input %s --target %s"
                        .formatted(folder.resolve("train.de"), folder.resolve("train.en"))));
    assertThat(more.get("token_accuracy").doubleValue())
        .isGreaterThan(trained.get("test_token_accuracy").doubleValue() - 0.1);
    Outcome refused =
        shell(
            "train --task translate --unit wordpunct --hidden 24 --layers 1 --bidirectional --from %s"
                    .formatted(model)
                + " --attention none --out "
                + folder.resolve("none")
                + data);
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
    assertThat(refused.err()).contains("--from");
  }

  @Test
  void files_of_unequal_lines_are_named_with_both_numbers() throws IOException {
    Path fewer = Files.writeString(folder.resolve("fewer.en"), "one.\ntwo.\n");
    Outcome refused =
        shell("evaluate --model %s --input %s --target %s".formatted(model, read, fewer));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " "))
        .contains(read.toString(), fewer.toString(), "30 lines", "2");
  }

  @Test
  void a_pair_with_an_empty_side_is_a_bad_row() throws IOException {
    Path from = Files.writeString(folder.resolve("half.de"), "eins.\n\nzwei.\ndrei.\n\n");
    Path to = Files.writeString(folder.resolve("half.en"), "one.\ntwo.\ntwo.\n\n\n");
    String evaluate =
        "evaluate --json --model %s --input %s --target %s".formatted(model, from, to);
    Outcome refused = shell(evaluate);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " "))
        .contains("ine 2 of", "half.de", "it is empty, but line 2 of", "half.en");
    JsonNode figures = json(shell(evaluate + " --on-bad-row skip"));
    assertThat(figures.get("rows").intValue()).isEqualTo(2);
    assertThat(figures.get("skipped").intValue()).isEqualTo(2);
  }

  @Test
  void a_word_that_no_vocabulary_has_counts_as_unknown() throws IOException {
    Path from = Files.writeString(folder.resolve("new.de"), "elf.\n");
    Path to = Files.writeString(folder.resolve("new.en"), "eleven.\n");
    JsonNode figures =
        json(shell("evaluate --json --model %s --input %s --target %s".formatted(model, from, to)));
    // Each of the two words is unknown; the two full stops and the end are not.
    assertThat(figures.get("oov_rate").doubleValue()).isEqualTo(2 / 5.0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--beam 99 | --beam 99 is more than the",
        "--beam 2 --n-best 3 | --n-best is 3, but --beam 2",
        "--min-answer 9 --max-answer 3 | --min-answer is 9 and --max-answer 3",
        "--unseen-labels wrong | Unknown option",
        "--temperature 1 --beam 2 | --temperature draws each token, but --beam 2 looks for the best",
        "--top-k 3 | --top-k says among which tokens one is drawn, but --temperature is missing"
      })
  void a_search_that_cannot_be_is_refused(String options, String message) {
    Outcome refused =
        shell(
            "predict --model %s --input %s --out %s %s"
                .formatted(model, read, folder.resolve("none"), options));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " ").toLowerCase())
        .contains(message.strip().toLowerCase());
  }

  @Test
  void text_alone_asks_for_what_is_to_be_written() throws IOException {
    Path txt = Files.copy(read, folder.resolve("alone.txt"));
    for (Path alone : List.of(txt, read)) {
      for (String command :
          List.of(
              "train --task translate --out " + folder.resolve("none"),
              "evaluate --model " + model,
              "describe --labels texts")) {
        Outcome refused = shell(command + " --input " + alone);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err().replaceAll("\\s+", " "))
            .contains(alone.getFileName() + " is taken for text alone")
            .contains("with --target (of translate and execute)", "(--label)", "--format does");
      }
    }
  }

  @Test
  void generate_names_the_command_that_has_it_answer() {
    Outcome refused = Shell.run("generate", "--model", model.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " "))
        .contains("writes about what it reads, as its task is translate")
        .contains("predict --say TEXT");
  }

  @Test
  void empty_files_are_named() throws IOException {
    Path none = Files.writeString(folder.resolve("empty.de"), "");
    Path other = Files.writeString(folder.resolve("empty.en"), "");
    for (Path target : List.of(other, right)) {
      Outcome refused =
          shell("evaluate --model %s --input %s --target %s".formatted(model, none, target));
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("empty.de").doesNotContain("\tat ");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--unit wordpunct --beam 99 | --beam 99 is more than the",
        "--valid valid.de | --valid-target",
        "--label answer | both say what is to be written",
        "--lowercase | byte pairs",
        "--vocab-size 100 | byte pairs need at least 258",
        "--max-target-length 2 | --max-target-length is 2",
        "--bridge copy --decoder-layers 3 | a state can be copied between equal cells",
        "--joint --target-embedding 7 | --joint has one vector for each token",
        "--double-input | --double-input does not go with --task translate"
      })
  void a_training_that_cannot_be_is_refused(String options, String message) {
    Outcome refused =
        shell(
            "train --task translate --hidden 4 --input %s --target %s --out %s %s"
                .formatted(
                    folder.resolve("train.de"),
                    folder.resolve("train.en"),
                    folder.resolve("none"),
                    options));
    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
    assertThat(refused.err().replaceAll("\\s+", " ")).contains(message.strip());
    assertThat(folder.resolve("none")).doesNotExist();
  }
}
