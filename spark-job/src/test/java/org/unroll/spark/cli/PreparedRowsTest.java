// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Rows that were prepared, against the files that they were prepared from. */
class PreparedRowsTest {
  private static final String SAMPLES = Shell.HOME.resolve("data-samples").toString();

  @TempDir Path folder;

  /**
   * A task with its data.
   *
   * @param data folder with {@code train} and {@code test}
   * @param ending of the names of the files
   * @param prepare the options of {@code prepare}
   * @param train the options of {@code train}
   */
  private record Case(String task, String data, String ending, String prepare, String train) {
    @Override
    public String toString() {
      return task + " " + Path.of(data).getFileName();
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("classify", SAMPLES + "/letters", "jsonl", "", "--embedding 4"),
        new Case("tag", SAMPLES + "/brackets", "jsonl", "--label depths", "--label depths"),
        new Case("forecast", SAMPLES + "/series", "jsonl", "", "--horizon 6 --context 36"),
        new Case("forecast", SAMPLES + "/adding", "jsonl", "", "--label label"),
        new Case(
            "state",
            SAMPLES + "/walks",
            "jsonl",
            "--text observations,actions --label positions --unit word",
            "--probe positions"),
        new Case("recognise", SAMPLES + "/strokes", "jsonl", "", ""),
        new Case("tag", "sentences", "conll", "", "--head crf"),
        new Case("classify", "table", "csv", "--text text --min-count 2", "--text text"));
  }

  private JsonNode run(String... words) throws IOException {
    Outcome outcome = Shell.run(all(words));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static String[] all(String... words) {
    List<String> all = new ArrayList<>();
    for (String word : words) {
      all.addAll(word.isEmpty() ? List.of() : List.of(word.strip().split(" ")));
    }
    all.addAll(List.of("--master", "local[2]", "--json"));
    return all.toArray(String[]::new);
  }

  private String refusal(String... words) {
    Outcome outcome = Shell.run(all(words));
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    return outcome.err();
  }

  /** A file of the case, made up where no sample is of its format. */
  private String file(Case c, String name) throws IOException {
    if (c.data().startsWith("/")) {
      return c.data() + "/" + name + "." + c.ending();
    }
    StringBuilder text = new StringBuilder(c.ending().equals("csv") ? "label,text\n" : "");
    for (int i = 0; i < 40; i++) {
      String word = i % 3 == 0 ? "GOOD" : "bad" + i % 7;
      text.append(
          c.ending().equals("csv")
              ? "%s,\"a very %s\n\"\"day %s\"\", don't\"\n"
                  .formatted(i % 3 == 0 ? "yes" : "no", word, i)
              : "A DT O\n%s JJ B-X\nday NN I-X\n\n".formatted(word));
    }
    return Files.writeString(folder.resolve(name + "." + c.ending()), text).toString();
  }

  private void train(Case c, String input, String out) throws IOException {
    run(
        "train --task " + c.task() + " --input " + input + " --out " + out,
        "--layers 1 --hidden 6 --epochs 2 --batch 8 --shards 3 --valid-fraction 0.2",
        c.train());
  }

  private static List<String> lines(String answers) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(answers))) {
      for (Path part : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        lines.addAll(Files.readAllLines(part));
      }
    }
    return lines;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void prepared_rows_are_learnt_scored_and_answered_for_as_the_files_are(Case c)
      throws IOException {
    String input = file(c, "train");
    String test = file(c, "test");
    String corpus = folder.resolve("corpus").toString();
    String held = folder.resolve("held").toString();
    run("prepare --kind documents --input " + input + " --out " + corpus, c.prepare());
    // The vocabulary of other rows, which have tokens that it does not know.
    run(
        "prepare --kind documents --input " + test + " --out " + held,
        "--vocabulary " + corpus,
        c.prepare());
    String expected = folder.resolve("expected").toString();
    String found = folder.resolve("found").toString();

    train(c, input, expected);
    train(c, corpus, found);

    for (String name : List.of("model.safetensors", "vocabulary.tsv")) {
      if (Files.exists(Path.of(expected, name))) {
        assertThat(Path.of(found, name)).hasSameBinaryContentAs(Path.of(expected, name));
      }
    }
    assertThat(scores(found, held)).isEqualTo(scores(expected, test));
    String wanted = folder.resolve("wanted.jsonl").toString();
    String answers = folder.resolve("answers.jsonl").toString();
    run("predict --model " + expected + " --input " + test + " --out " + wanted);
    run("predict --model " + found + " --input " + held + " --out " + answers);
    assertThat(lines(answers)).isEqualTo(lines(wanted)).isNotEmpty();
  }

  private JsonNode scores(String model, String input) throws IOException {
    ObjectNode figures = (ObjectNode) run("evaluate --model " + model + " --input " + input);
    figures.remove("seconds");
    return figures;
  }

  @Test
  void rows_without_names_are_called_by_their_numbers_and_files_are_added_behind()
      throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Files.writeString(in.resolve("a.tsv"), "text\tlabel\none two\tx\n\tx\nthree\ty\n");
    String corpus = folder.resolve("corpus").toString();
    String[] prepare = {
      "prepare --kind documents --on-bad-row skip --input " + in + " --out " + corpus
    };
    JsonNode first = run(prepare);
    assertThat(first.get("documents").asInt()).isEqualTo(2);
    assertThat(first.get("skipped").asInt()).isEqualTo(1);
    Files.writeString(in.resolve("b.tsv"), "text\tlabel\nthree four\tx\n");
    JsonNode both = run(prepare);
    assertThat(both.get("documents").asInt()).isEqualTo(3);
    assertThat(both.get("unknown").asInt()).isEqualTo(1);
    JsonNode described = run("describe --input " + corpus);
    assertThat(described.get("format").textValue()).isEqualTo("prepared");
    assertThat(described.get("rows").asInt()).isEqualTo(3);
    assertThat(described.at("/labels/x").asInt()).isEqualTo(2);
    assertThat(described.at("/types/text").asInt()).isEqualTo(4);
  }

  @Test
  void what_does_not_go_with_how_rows_were_prepared_is_told() throws IOException {
    String input = SAMPLES + "/letters/train.jsonl";
    String corpus = folder.resolve("corpus").toString();
    run("prepare --kind documents --unit word --lowercase --input " + input + " --out " + corpus);
    String train = "train --task classify --epochs 1 --out " + folder.resolve("model");
    String from = " --input " + corpus;
    assertThat(refusal(train, from))
        .contains("was prepared with --unit word --lowercase")
        .contains("read with --unit wordpunct --lowercase");
    assertThat(refusal(train, from, "--unit word --label mood"))
        .contains("does not have --label or --probe mood: it keeps --text text")
        .contains("--label label, --id id");
    assertThat(refusal(train, from, "--unit word --text words")).contains("--text words");
    assertThat(refusal(train, from, "--unit word --features text")).contains("--features text");
    assertThat(refusal(train, from, "--unit word --format csv")).contains("leave them out");
    assertThat(refusal(train, from, from)).contains("cannot be read together with other inputs");
    assertThat(refusal("train --task lm --out " + folder.resolve("model"), from))
        .contains("is made of separate documents");
    String stream = folder.resolve("stream").toString();
    run("prepare --input " + input + " --out " + stream);
    assertThat(refusal(train, "--input " + stream)).contains("rows are prepared with --kind");
    Path description = Path.of(corpus, "corpus.json");
    Files.writeString(
        description, Files.readString(description).replace("\"format\" : 2", "\"format\" : 1"));
    assertThat(refusal(train, from, "--unit word"))
        .contains("prepared by an earlier version, which did not keep rows whole");
  }
}
