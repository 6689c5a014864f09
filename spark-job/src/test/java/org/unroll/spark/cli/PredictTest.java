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
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Answers for rows of which some cannot be used, and where they go. */
class PredictTest {
  @TempDir static Path home;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    Path train = Files.writeString(home.resolve("a.tsv"), "a\tx y\nb\ty z\n");
    model = home.resolve("model");
    run(
        "train --task classify --columns label,text --input "
            + train
            + " --out "
            + model
            + " --hidden 4 --layers 1 --epochs 1 --json");
  }

  private static Outcome shell(String words) {
    return Shell.run((words + " --master local[1]").split(" +"));
  }

  private static JsonNode run(String words) throws IOException {
    Outcome outcome = shell(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static void assertRefused(String words, String... told) {
    Outcome outcome = shell(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(told).doesNotContain("\tat ", "Exception");
  }

  private Path rows(String name, String rows) throws IOException {
    return Files.writeString(folder.resolve(name), rows);
  }

  private String predict(Path input, String out) {
    return "predict --model " + model + " --input " + input + " --out " + folder.resolve(out) + " ";
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "jsonl", "parquet"})
  void rows_keep_their_order_and_numbers_where_some_are_left_out(String format) throws IOException {
    Path input = rows("b.tsv", "x\n \nz y\n\n \nno such word\n");
    String words = predict(input, "answers." + format) + "--columns text ";
    assertRefused(words, "ine 2 of " + input, "its sequence is empty", "--on-bad-row skip");
    assertThat(folder.toFile().list()).containsExactly("b.tsv");

    JsonNode figures = run(words + "--on-bad-row skip --json");
    assertThat(figures.get("rows").intValue()).isEqualTo(3);
    assertThat(figures.get("skipped").intValue()).isEqualTo(2);
    assertThat(ids(format)).containsExactly("1", "3", "5");
  }

  private static SparkSession spark() {
    return SparkSession.builder()
        .master("local[1]")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  /** Of all answers, file by file. */
  private List<String> ids(String format) throws IOException {
    List<String> ids = new ArrayList<>();
    try (SparkSession spark = spark();
        Stream<Path> files = Files.list(folder.resolve("answers." + format))) {
      var read = spark.read().option("header", true);
      for (Path part :
          files.filter(f -> f.getFileName().toString().startsWith("part-")).sorted().toList()) {
        String path = part.toString();
        var rows =
            switch (format) {
              case "csv" -> read.csv(path);
              case "jsonl" -> read.json(path);
              default -> read.parquet(path);
            };
        assertThat(rows.columns()).containsExactlyInAnyOrder("id", "prediction", "probability");
        rows.collectAsList().forEach(row -> ids.add(row.getAs("id")));
      }
    }
    return ids;
  }

  @Test
  void rows_of_parquet_and_of_several_files_keep_their_numbers() throws IOException {
    rows("in-1.jsonl", "{\"text\":\"x\"}\n{\"text\":\"\"}\n");
    rows("in-2.jsonl", "{\"text\":\"x\"}\n{\"no\":\"text\"}\n{\"text\":\"y\"}\n");
    Path input = folder.resolve("in-*.jsonl");
    run(predict(input, "answers.jsonl") + "--on-bad-row skip --json");
    assertThat(ids("jsonl")).containsExactly("1", "3", "5");

    try (SparkSession spark = spark()) {
      spark
          .sql("SELECT if(id < 3, '', 'x') AS text FROM range(0, 5, 1, 1)")
          .write()
          .parquet(folder.resolve("in.parquet").toString());
    }
    run(predict(folder.resolve("in.parquet"), "answers.csv") + "--on-bad-row skip --json");
    assertThat(ids("csv")).containsExactly("4", "5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"o.csv", "o.tsv", "o.jsonl", "o.parquet", "o"})
  void answers_are_read_back_without_an_option(String out) throws IOException {
    Path input =
        rows(
            "b.jsonl",
            "{\"id\":\" 1,\\t\\\"\",\"text\":\"x\"}\n{\"id\":\"2\\n\",\"text\":\"y z\"}\n");
    for (String again : List.of("", "--overwrite ")) {
      run(predict(input, out) + again + "--json");
      JsonNode told = run("describe --json --input " + folder.resolve(out));
      String format = out.equals("o") ? "jsonl" : out.substring(2);
      assertThat(told.get("format").asText()).isEqualTo(format);
      assertThat(told.get("rows").asInt()).isEqualTo(2);
      assertThat(told.get("channels").asInt()).isOne();
      assertThat(told.get("labels").size()).isPositive();
      assertThat(folder.resolve(out).toFile().list((f, name) -> name.startsWith("part-")))
          .allMatch(name -> name.endsWith("." + format));
      assertThat(folder.resolve(out).toFile().list((f, name) -> name.startsWith("."))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tag-crf, chunks-test.conll, types",
    "forecast-series, series-test.jsonl, types",
    "recognise, strokes-test.jsonl, types",
    "state, walks-test.jsonl, channels",
    "lm-char, story-test.txt, channels",
  })
  void answers_of_every_task_are_described(String other, String data, String figure)
      throws IOException {
    for (String format : List.of("csv", "tsv", "jsonl", "parquet")) {
      Path out = folder.resolve("o." + format);
      JsonNode figures =
          run(
              "predict --json --model %s --input %s --out %s"
                  .formatted(
                      EarlierFoldersTest.FOLDERS.resolve(other),
                      EarlierFoldersTest.FOLDERS.resolve(data),
                      out));
      JsonNode told = run("describe --json --input " + out);
      assertThat(told.get("rows").asInt()).isEqualTo(figures.get("rows").asInt());
      assertThat(told.get(figure).toString()).isNotEqualTo("0").isNotEqualTo("{}");
    }
  }

  @Test
  void answers_are_replaced_only_if_asked_to_and_nothing_else_ever_is() throws IOException {
    Path input = rows("b.tsv", "x\ny\n");
    String words = predict(input, "answers.csv") + "--columns text ";
    run(words + "--json");
    assertRefused(words, "is there already", "--overwrite");
    Files.writeString(input, "x\ny\nz\n");
    assertThat(run(words + "--overwrite --json").get("rows").intValue()).isEqualTo(3);
    assertThat(ids("csv")).containsExactly("1", "2", "3");

    Path mine = Files.writeString(folder.resolve("answers.csv").resolve("mine.txt"), "mine");
    assertRefused(words + "--overwrite", "mine.txt was not written by predict");
    assertThat(mine).hasContent("mine");
    assertThat(ids("csv")).hasSize(3);
  }

  @Test
  void nothing_to_answer_for_is_told() throws IOException {
    assertRefused(predict(rows("b.tsv", ""), "o") + "--columns text", "b.tsv is empty");
    assertRefused(predict(folder.resolve("no.tsv"), "o") + "--columns text", "There is no input");
    assertRefused(predict(rows("d.tsv", "\n"), "o") + "--columns text", "has no rows");
    Path bad = rows("c.tsv", "a\tb\na\tb\n");
    assertRefused(predict(bad, "o") + "--columns text --on-bad-row skip", "2 were left out");
    assertRefused(predict(bad, "o") + "--columns words", "no column 'text'", "It has words.");
    assertThat(folder.resolve("o")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"predict --out o", "evaluate"})
  void word_vectors_are_no_model(String command) throws IOException {
    Path input = rows("b.tsv", "x\n");
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(
        other.resolve("config.json"),
        "{\"format_version\":1,\"kind\":\"embeddings\",\"provenance\":{}}");
    assertRefused(command + " --model " + other + " --input " + input, "belongs to word vectors");
  }

  @ParameterizedTest
  @CsvSource({
    "evaluate --features t, lm-char, --features says nothing to a model of task lm",
    "evaluate --beam 3, lm-char, --beam says nothing to a model of task lm",
    "predict --beam 3 --out o, lm-char, --beam says nothing to a model of task lm",
    "predict --features t --out o, lm-char, reads one column of text",
    "evaluate --batch 3, tag-crf, --batch says nothing to a model of task tag",
    "evaluate --beam 3, tag-crf, --beam says nothing to a model of task tag",
    "evaluate --unseen-labels wrong, forecast-series, --unseen-labels says nothing to",
  })
  void a_model_of_something_else_is_refused(String command, String other, String told)
      throws IOException {
    Path input = rows("b.tsv", "t\nx\n");
    assertRefused(
        command + " --model " + EarlierFoldersTest.FOLDERS.resolve(other) + " --input " + input,
        told);
  }

  @Test
  void a_language_model_tells_of_every_text_how_well_it_knows_it() throws IOException {
    Path input = rows("a.csv", "id,text\n1,the harbour\n2,\n3,\u1234\n4,xq xq\n");
    Path out = folder.resolve("o.jsonl");
    JsonNode figures =
        run(
            "predict --text text --id id --json --model "
                + EarlierFoldersTest.FOLDERS.resolve("lm-char")
                + " --input "
                + input
                + " --out "
                + out);
    assertThat(figures.get("rows").asInt()).isEqualTo(4);
    List<JsonNode> answers = new ArrayList<>();
    try (Stream<Path> parts = Files.list(out)) {
      for (Path part : parts.filter(p -> p.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String line : Files.readAllLines(part)) {
          answers.add(new ObjectMapper().readTree(line));
        }
      }
    }
    assertThat(answers).extracting(a -> a.get("id").asText()).containsExactly("1", "2", "3", "4");
    JsonNode known = answers.get(0);
    assertThat(known.get("tokens").asInt()).isEqualTo("the harbour\n".length());
    assertThat(known.get("perplexity").asDouble())
        .isCloseTo(Math.exp(known.get("loss").asDouble()), within(1e-9));
    assertThat(known.get("loss").asDouble()).isLessThan(answers.get(3).get("loss").asDouble());
    for (int nothing : new int[] {1, 2}) {
      assertThat(answers.get(nothing).get("tokens").asInt()).isZero();
      assertThat(answers.get(nothing).get("loss")).isNull();
    }
  }

  @Test
  void a_model_that_tags_does_not_score_classes() throws IOException {
    Path tags = rows("t.conll", "x a\ny b\n");
    assertRefused(
        "evaluate --model " + model + " --input " + tags, "no column 'text'", "It has word, pos");
  }

  @ParameterizedTest
  @CsvSource({
    "classify, ''",
    "classify, --max-length 200",
    "tag, --head crf",
    "tag, --bidirectional",
  })
  void a_document_of_a_hundred_thousand_tokens_is_one_row(String task, String options)
      throws IOException {
    int length = 100_000;
    String word = "\"x\",\"y\",";
    String text = "[" + word.repeat(length / 2) + "\"x\"]";
    String tags = text.replace("x", "a").replace("y", "b");
    boolean tag = task.equals("tag");
    String rows =
        "{\"text\":"
            + text
            + ",\"label\":"
            + (tag ? tags : "\"a\"")
            + "}\n"
            + "{\"text\":[\"y\",\"x\"],\"label\":"
            + (tag ? "[\"b\",\"a\"]" : "\"b\"")
            + "}\n";
    Path input = rows("long.jsonl", rows);
    Path out = folder.resolve("long");
    run(
        "train --task "
            + task
            + " --input "
            + input
            + " --out "
            + out
            + " --hidden 4 --layers 1"
            + " --epochs 1 --shards 1 --batch 1 --json "
            + options);
    JsonNode figures = run("evaluate --model " + out + " --input " + input + " --json");
    assertThat(figures.get("rows").intValue()).isEqualTo(2);
    assertThat(figures.get("loss").doubleValue()).isBetween(0.0, 10.0);
    String predict = "predict --model " + out + " --input " + input + " --out ";
    assertThat(run(predict + folder.resolve("said.jsonl") + " --json").get("rows").intValue())
        .isEqualTo(2);
    if (tag) {
      try (Stream<Path> parts = Files.list(folder.resolve("said.jsonl"))) {
        Path part = parts.filter(p -> p.toString().endsWith(".jsonl")).findFirst().orElseThrow();
        JsonNode first = new ObjectMapper().readTree(Files.readAllLines(part).get(0));
        assertThat(first.get("prediction")).hasSize(length + 1);
      }
    }
  }
}
