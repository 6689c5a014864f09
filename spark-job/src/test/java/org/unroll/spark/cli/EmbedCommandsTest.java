// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.VectorStore;

/** Word vectors from text to text, on a language in which a pair of words has its own sentences. */
class EmbedCommandsTest {
  private static final int PAIRS = 12;

  @TempDir static Path folder;
  private static Path text;
  private static Path vectors;
  private static JsonNode learnt;

  @BeforeAll
  static void learn() throws IOException {
    StringBuilder sentences = new StringBuilder();
    for (int s = 0; s < 500; s++) {
      int pair = (int) (RandomBits.uniform(1, s) * PAIRS);
      for (int i = 0; i < 6; i++) {
        boolean first = RandomBits.uniform(2, 6 * s + i) < 0.5;
        sentences.append(first ? "left" : "right").append((char) ('a' + pair)).append(' ');
      }
      sentences.append(s % 100 == 7 ? "rare" + s + "\n" : "\n");
    }
    text = Files.writeString(folder.resolve("pairs.txt"), sentences.toString());
    vectors = folder.resolve("vectors");
    learnt = json(embed(vectors, "--workers", "1"));
  }

  private static Outcome embed(Path out, String... more) {
    String[] options = {
      "embed",
      "--input",
      text.toString(),
      "--out",
      out.toString(),
      "--master",
      "local[3]",
      "--size",
      "11",
      "--epochs",
      "20",
      "--batch",
      "400",
      "--lr",
      "0.1",
      "--shards",
      "4",
      "--subsample",
      "0",
      "--json"
    };
    return run(options, more);
  }

  private static Outcome run(String[] options, String... more) {
    return Shell.run(Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static Outcome failed(String... words) {
    Outcome outcome = Shell.run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).doesNotContain("\tat ");
    return outcome;
  }

  private static void assertNeighbours(Path model) throws IOException {
    for (int pair = 0; pair < PAIRS; pair++) {
      String name = String.valueOf((char) ('a' + pair));
      JsonNode near =
          json(
              Shell.run(
                  "neighbours",
                  "left" + name,
                  "--model",
                  model.toString(),
                  "--top",
                  "1",
                  "--json"));
      assertThat(near.at("/neighbours/left" + name + "/0/word").textValue())
          .isEqualTo("right" + name);
    }
  }

  private static byte[] params(Path model) throws IOException {
    return Files.readAllBytes(model.resolve("model.safetensors"));
  }

  @Test
  void vectors_have_their_figures_and_their_folder() throws IOException {
    assertThat(learnt.get("types").intValue()).as("rare words are left out").isEqualTo(2 * PAIRS);
    assertThat(learnt.get("words").longValue()).isEqualTo(3000);
    assertThat(learnt.get("size").intValue()).isEqualTo(11);
    assertThat(learnt.get("words_per_second").doubleValue()).isPositive();
    assertThat(learnt.get("loss").doubleValue()).isBetween(0.5, 2.5);
    try (Stream<Path> files = Files.list(vectors)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "model.safetensors", "vocabulary.tsv");
    }
    JsonNode config = new ObjectMapper().readTree(vectors.resolve("config.json").toFile());
    assertThat(config.get("kind").textValue()).isEqualTo("embeddings");
    assertThat(config.at("/training/method").textValue()).isEqualTo("skipgram");
    assertThat(config.at("/provenance/data_hash").textValue()).isNotBlank();
    assertThat(Files.readAllLines(vectors.resolve("vocabulary.tsv")))
        .hasSize(2 * PAIRS)
        .noneMatch(line -> line.startsWith("<"));
  }

  @Test
  void the_planted_pairs_are_neighbours() throws IOException {
    assertNeighbours(vectors);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--workers 3", "--partitions 2", "--workers 2 --rounds job"})
  void workers_change_no_bit(String options) throws IOException {
    Path other = folder.resolve("other " + options);
    json(embed(other, options.split(" ")));
    assertThat(params(other)).isEqualTo(params(vectors));
  }

  @Test
  void mllib_learns_them_too() throws IOException {
    Path mllib = folder.resolve("mllib");
    JsonNode figures =
        json(
            embed(
                mllib,
                "--method",
                "mllib",
                "--partitions",
                "2",
                "--batch",
                "8192",
                "--shards",
                "8",
                "--subsample",
                "0.01"));
    assertThat(figures.get("types").intValue()).isEqualTo(2 * PAIRS);
    assertThat(figures.get("workers").intValue()).isEqualTo(2);
    assertNeighbours(mllib);
  }

  @ParameterizedTest
  @CsvSource({"word2vec, v.txt", "word2vec-binary, v.bin", "glove, v.glove", "glove, v.txt.gz"})
  void files_of_other_programs_hold_the_same_vectors(String format, String name)
      throws IOException {
    Path file = folder.resolve(format + name);
    json(
        Shell.run(
            "export",
            "--model",
            vectors.toString(),
            "--format",
            format,
            "--out",
            file.toString(),
            "--json"));
    assertThat(VectorStore.read(file.toString()).values())
        .isEqualTo(VectorStore.read(vectors.toString()).values());
    byte[] before = Files.readAllBytes(file);
    Outcome again = failed("export", "--model", vectors.toString(), "--out", file.toString());
    assertThat(again.err()).contains("is there already. Nothing was changed.");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    Path cut = Files.write(folder.resolve("cut" + name), Arrays.copyOf(before, 500));
    assertThat(failed("neighbours", "lefta", "--model", cut.toString()).err())
        .contains("cut" + name)
        .containsAnyOf("cut off", "line ");
  }

  @Test
  void analogies_are_scored_by_section_and_drawn() throws IOException {
    Path questions =
        Files.writeString(
            folder.resolve("questions.txt"),
            ": sides\nLefta righta leftb rightb\nlefta righta leftc rightc\n"
                + ": elsewhere\nlefta righta nowhere nothing\n");
    Path picture = folder.resolve("pairs.png");
    JsonNode figures =
        json(
            Shell.run(
                "analogies",
                questions.toString(),
                "--model",
                vectors.toString(),
                "--picture",
                picture.toString(),
                "--pairs",
                "sides",
                "--json"));
    assertThat(figures.get("questions").intValue()).isEqualTo(3);
    assertThat(figures.get("asked").intValue()).isEqualTo(2);
    assertThat(figures.at("/sections/sides/coverage").doubleValue()).isEqualTo(1);
    assertThat(figures.at("/sections/elsewhere/accuracy").isNull()).isTrue();
    assertThat(ImageIO.read(new ByteArrayInputStream(Files.readAllBytes(picture))).getWidth())
        .isGreaterThan(500);
    Outcome table = Shell.run("analogies", questions.toString(), "--model", vectors.toString());
    assertThat(table.out()).contains("sides", "elsewhere", "total", "accuracy");
    assertThat(
            failed(
                    "analogies",
                    questions.toString(),
                    "--model",
                    vectors.toString(),
                    "--pairs",
                    "side")
                .err())
        .contains("has no such section; did you mean sides?");
  }

  @Test
  void an_unknown_word_is_answered_with_near_spellings() {
    assertThat(failed("neighbours", "lefaa", "--model", vectors.toString()).err())
        .contains("There is no vector for 'lefaa' among the 24 words")
        .contains("spelt nearly so: lefta");
  }

  @Test
  void neighbours_are_drawn() throws IOException {
    Path picture = folder.resolve("near.png");
    Outcome outcome =
        Shell.run(
            "neighbours",
            "lefta",
            "rightb",
            "--model",
            vectors.toString(),
            "--picture",
            picture.toString());
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("lefta:", "rightb:");
    assertThat(ImageIO.read(picture.toFile()).getHeight()).isGreaterThan(400);
  }

  private static Outcome train(Path out, String... more) {
    String[] options = {
      "train",
      "--input",
      text.toString(),
      "--unit",
      "word",
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--layers",
      "1",
      "--hidden",
      "9",
      "--batch",
      "8",
      "--window",
      "10",
      "--epochs",
      "2",
      "--optimizer",
      "adam",
      "--l2",
      "0.001",
      "--json",
      "--embeddings",
      vectors.toString()
    };
    return run(options, more);
  }

  @Test
  void a_model_starts_from_them_and_leaves_them_alone_if_asked_to() throws IOException {
    Path model = folder.resolve("frozen");
    JsonNode figures = json(train(model, "--freeze-embeddings"));
    assertThat(figures.at("/embeddings/types").intValue()).isEqualTo(2 * PAIRS);
    assertThat(figures.at("/embeddings/tokens_share").doubleValue()).isBetween(0.8, 0.9);
    var start = VectorStore.read(vectors.toString());
    var kept = VectorStore.read(model.toString());
    assertThat(kept.size()).as("as wide as the vectors").isEqualTo(11);
    for (int w = 0; w < start.words(); w++) {
      int at = kept.vocabulary().id(start.vocabulary().token(w)) * 11;
      assertThat(Arrays.copyOfRange(kept.values(), at, at + 11))
          .isEqualTo(Arrays.copyOfRange(start.values(), w * 11, w * 11 + 11));
    }
    Path job = folder.resolve("frozen-job");
    json(train(job, "--freeze-embeddings", "--rounds", "job", "--workers", "1"));
    assertThat(params(job)).as("rounds of both kinds").isEqualTo(params(model));
    Path free = folder.resolve("free");
    json(train(free));
    assertThat(VectorStore.read(free.toString()).values()).isNotEqualTo(kept.values());
  }

  @Test
  void vectors_that_do_not_fit_are_refused() {
    assertThat(train(folder.resolve("x"), "--embedding", "12").err())
        .contains("--embedding is 12, but the vectors of " + vectors + " have 11 numbers");
    assertThat(train(folder.resolve("x"), "--freeze-embeddings", "--tied", "--hidden", "11").err())
        .contains("--freeze-embeddings and --tied do not go together");
    assertThat(failed("train", "--input", text.toString(), "--freeze-embeddings").err())
        .contains("--freeze-embeddings is for --embeddings: leave it out, or give both.");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void what_is_missing_or_something_else_is_named() throws IOException {
    assertThat(failed("embed", "--input", text.toString()).err()).contains("--out is missing");
    assertThat(failed("embed", "--out", "x").err()).contains("--input is missing");
    assertThat(failed("neighbours", "--model", "x").err()).contains("The word is missing");
    assertThat(failed("neighbours", "a").err()).contains("--model is missing");
    assertThat(failed("neighbours", "a", "--model", folder.resolve("no").toString()).err())
        .contains("There are no word vectors ");
    assertThat(failed("analogies", "--model", "x").err()).contains("The file is missing");
    assertThat(failed("generate", "--model", vectors.toString()).err())
        .contains("belongs to word vectors and not to a model");
    assertThat(
            failed(
                    "embed",
                    "--input",
                    text.toString(),
                    "--out",
                    vectors.toString(),
                    "--master",
                    "local[1]")
                .err())
        .contains("already holds a model");
    assertThat(embed(folder.resolve("none"), "--min-count", "100000").err())
        .contains("The vocabulary would be empty");
    assertThat(folder.resolve("none")).doesNotExist();
    Path empty = Files.writeString(folder.resolve("empty.txt"), "");
    assertThat(failed("neighbours", "a", "--model", empty.toString()).err()).contains("is empty");
  }

  @Test
  void the_measurement_compares_both_methods() throws IOException {
    Path questions = Files.writeString(folder.resolve("bench.txt"), "lefta righta leftb rightb\n");
    JsonNode figures =
        json(
            Shell.run(
                "bench",
                "embed",
                "--input",
                text.toString(),
                "--analogies",
                questions.toString(),
                "--partitions",
                "1,2",
                "--size",
                "8",
                "--epochs",
                "1",
                "--master",
                "local[2]",
                "--json"));
    assertThat(figures.get("runs")).hasSize(4);
    assertThat(figures.get("same_bits").booleanValue()).isTrue();
    assertThat(figures.at("/runs/3/method").textValue()).isEqualTo("skipgram");
    assertThat(figures.at("/runs/0/method").textValue()).isEqualTo("mllib");
    assertThat(figures.at("/runs/0/words_per_second").doubleValue()).isPositive();
  }
}
