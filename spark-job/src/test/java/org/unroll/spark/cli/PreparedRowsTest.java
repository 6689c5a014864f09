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

  private static final String PAIRS = "--unit bpe --vocab-size 270";
  private static final String COLUMNS = PAIRS + " --text de --label en";

  /** No rows are held out, so that byte pairs are those that prepare learnt. */
  private static final String ALL = " --valid-fraction 0";

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
        new Case("classify", "table", "csv", "--text text --min-count 2", "--text text"),
        new Case("translate", "pairs", "de", PAIRS, PAIRS),
        new Case("translate", "columns", "tsv", COLUMNS + " --joint", COLUMNS + " --joint" + ALL),
        new Case(
            "caption",
            SAMPLES + "/drawings",
            "jsonl",
            "--label captions --unit bpe --vocab-size 280",
            "--label captions --unit bpe --vocab-size 280 --scheduled-sampling 0.5" + ALL));
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
    if (c.task().equals("translate")) {
      return pairs(c, name);
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

  /** Writes lines that go with others, or the same in columns, and returns the first file. */
  private String pairs(Case c, String name) throws IOException {
    StringBuilder from = new StringBuilder();
    StringBuilder to = new StringBuilder();
    StringBuilder table = new StringBuilder("en\tde\n");
    for (int i = 0; i < 40; i++) {
      String read = "Der  Fluß %s fließt%s".formatted(name, " sehr".repeat(i % 5));
      String written = "The river %s flows%s. ".formatted(i % 7, " fast".repeat(i % 3));
      // A line that is empty in both files has a number, though it is no row.
      from.append(i == 5 ? "\n" : read + "\n");
      to.append(i == 5 ? "\n" : written + "\n");
      table.append(i == 5 ? "\n" : written + "\t" + read + "\n");
    }
    Files.writeString(folder.resolve(name + ".en"), to);
    boolean lines = c.ending().equals("de");
    return Files.writeString(folder.resolve(name + "." + c.ending()), lines ? from : table)
        .toString();
  }

  /** Returns a file as an input, with the lines that go with its own. */
  private static String input(String file) {
    return " --input "
        + file
        + (file.endsWith(".de") ? " --target " + file.replaceFirst("de$", "en") : "");
  }

  private void train(Case c, String input, String out) throws IOException {
    run(
        "train --task " + c.task() + input(input) + " --out " + out,
        "--layers 1 --hidden 6 --epochs 2 --batch 8 --shards 3",
        c.train().contains(ALL) ? "" : "--valid-fraction 0.2",
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
    run("prepare --kind documents" + input(input) + " --out " + corpus, c.prepare());
    // The vocabulary of other rows, which have tokens that it does not know.
    run(
        "prepare --kind documents" + input(test) + " --out " + held,
        "--vocabulary " + corpus,
        c.prepare().replace("--joint", ""));
    String expected = folder.resolve("expected").toString();
    String found = folder.resolve("found").toString();

    train(c, input, expected);
    train(c, corpus, found);

    for (String name : List.of("model.safetensors", "vocabulary.tsv", "vocabulary_target.tsv")) {
      if (Files.exists(Path.of(expected, name))) {
        assertThat(Path.of(found, name)).hasSameBinaryContentAs(Path.of(expected, name));
      }
    }
    assertThat(scores(found, held)).isEqualTo(scores(expected, test));
    String wanted = folder.resolve("wanted.jsonl").toString();
    String answers = folder.resolve("answers.jsonl").toString();
    run("predict --model " + found + " --input " + test + " --out " + wanted);
    run("predict --model " + expected + " --input " + held + " --out " + answers);
    assertThat(lines(answers)).isEqualTo(lines(wanted)).isNotEmpty();
  }

  private JsonNode scores(String model, String input) throws IOException {
    ObjectNode figures = (ObjectNode) run("evaluate --model " + model + input(input));
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
  void byte_pairs_are_those_of_the_folder_whatever_was_added_to_it() throws IOException {
    Case c = new Case("translate", "pairs", "de", PAIRS, PAIRS);
    String corpus = folder.resolve("corpus").toString();
    String prepare = "prepare --kind documents %s --out %s".formatted(PAIRS, corpus);
    run(prepare + input(pairs(c, "first")));
    String both = input(pairs(c, "second")) + input(folder.resolve("first.de").toString());
    JsonNode added = run(prepare + both);
    assertThat(added.get("documents").asInt()).isEqualTo(78);
    assertThat(added.get("added_files").asInt()).isEqualTo(2);
    String model = folder.resolve("model").toString();
    run(
        "train --task translate --layers 1 --hidden 4 --epochs 1 --input " + corpus,
        "--out " + model);
    for (String name : List.of("vocabulary.tsv", "vocabulary_target.tsv")) {
      assertThat(Path.of(model, name)).hasSameBinaryContentAs(Path.of(corpus, name));
    }
    JsonNode config = new ObjectMapper().readTree(Path.of(model, "config.json").toFile());
    assertThat(config.at("/training/vocab_size").asInt()).isEqualTo(270);
    // Half of a pair that is there already, with a file that is not.
    Path third = Files.copy(folder.resolve("first.en"), folder.resolve("third.en"));
    assertThat(refusal(prepare + " --input " + folder.resolve("first.de") + " --target " + third))
        .contains("The corpus has lines of first.de, but none of third.en");
    Files.writeString(folder.resolve("first.en"), "changed\n");
    assertThat(refusal(prepare + both)).contains("first.en was changed since it was prepared");
    assertThat(refusal(prepare + both + " --joint")).contains("prepared with joint false");
  }

  @Test
  void pairs_that_cannot_be_prepared_are_told() throws IOException {
    Case c = new Case("translate", "pairs", "de", "", "");
    String pairs = input(pairs(c, "train"));
    String prepare = "prepare --unit bpe --out " + folder.resolve("corpus");
    String documents = prepare + " --kind documents";
    assertThat(refusal(prepare + pairs)).contains("is for --kind documents, but --kind is stream");
    assertThat(refusal(documents + pairs + " --label en"))
        .contains("both say what is to be written");
    assertThat(refusal(documents + pairs + " --vocab-size 257")).contains("give at least 258");
    Files.writeString(folder.resolve("train.en"), "one\n");
    assertThat(refusal(documents + pairs)).contains("train.de", "train.en", "40 lines", "1");
    Path text = Files.writeString(folder.resolve("lines.txt"), "one two\n");
    assertThat(refusal(documents + " --joint --input " + text))
        .contains("the rows have nothing to be written (--label)");
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
