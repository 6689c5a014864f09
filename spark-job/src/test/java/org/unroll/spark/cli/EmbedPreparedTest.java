// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.cli.Shell.Outcome;

/** Word vectors from a prepared corpus against those from the text it was made of. */
class EmbedPreparedTest {
  @TempDir static Path home;
  private static Path text;
  private static Path corpus;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int line = 0; line < 200; line++) {
      for (int i = 0; i < 7; i++) {
        lines.append("word").append((int) (RandomBits.uniform(line, i) * 20)).append(' ');
      }
      lines.append(line % 50 == 9 ? "rare" + line + "\n" : "\n");
    }
    text = Files.writeString(home.resolve("words.txt"), lines.toString());
    corpus = prepared("corpus", text, "--min-count", "3", "--vocab-size", "18");
  }

  private static Path prepared(String name, Path input, String... more) throws IOException {
    Path out = home.resolve(name);
    String[] options = {"prepare", "--input", input.toString(), "--out", out.toString()};
    String[] words = {"--unit", "word", "--master", "local[2]", "--json"};
    json(Shell.run(join(join(options, words), more)));
    return out;
  }

  private static String[] join(String[] some, String... more) {
    return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static Outcome embed(Path input, Path out, String... more) {
    String[] options = {"embed", "--input", input.toString(), "--out", out.toString()};
    String[] usual = {"--master", "local[2]", "--size", "6", "--epochs", "3", "--batch", "300"};
    return Shell.run(join(join(options, usual), join(more, "--workers", "1", "--json")));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private String refusal(Path input, String... more) {
    Path out = folder.resolve("refused");
    Outcome outcome = embed(input, out, more);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(out).doesNotExist();
    return outcome.err();
  }

  private static JsonNode config(Path vectors) throws IOException {
    return new ObjectMapper().readTree(vectors.resolve("config.json").toFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"skipgram", "mllib --batch 8192"})
  void a_corpus_gives_the_vectors_of_its_text(String method) throws IOException {
    Path ofText = folder.resolve("text");
    Path ofCorpus = folder.resolve("shards");
    String[] same = {"--min-count", "3", "--vocab-size", "16"};
    JsonNode expected = json(embed(text, ofText, join(same, ("--method " + method).split(" "))));
    JsonNode found = json(embed(corpus, ofCorpus, ("--method " + method).split(" ")));
    assertThat(found.get("words")).isEqualTo(expected.get("words"));
    for (String file : new String[] {"model.safetensors", "vocabulary.tsv"}) {
      assertThat(ofCorpus.resolve(file)).hasSameBinaryContentAs(ofText.resolve(file));
    }
    for (String setting : new String[] {"min_count", "vocab_size"}) {
      assertThat(config(ofCorpus).findValue(setting)).isEqualTo(config(ofText).findValue(setting));
    }
    json(embed(corpus, folder.resolve("said"), join(same, ("--method " + method).split(" "))));
  }

  @Test
  void counts_are_those_of_the_corpus_and_not_of_its_vocabulary() throws IOException {
    Path other = Files.writeString(home.resolve("other.txt"), "word3 word4 new\n".repeat(40));
    Path beside = prepared("beside", other, "--vocabulary", corpus.toString());
    Path vectors = folder.resolve("vectors");
    JsonNode found = json(embed(beside, vectors));
    assertThat(found.get("words").longValue()).isEqualTo(80);
    assertThat(vectors.resolve("vocabulary.tsv")).hasContent("word3\t40\nword4\t40");
    Path strange = Files.writeString(home.resolve("strange.txt"), "nothing known\n");
    assertThat(refusal(prepared("strange", strange, "--vocabulary", corpus.toString())))
        .contains("has no word of its vocabulary");
  }

  @Test
  void options_that_a_corpus_contradicts_are_refused() throws IOException {
    assertThat(refusal(corpus, "--min-count", "5"))
        .contains("--min-count 5 does not go with the prepared corpus " + corpus)
        .contains("prepared with --min-count 3");
    assertThat(refusal(corpus, "--vocab-size", "18"))
        .contains("prepared with --vocab-size 18, special symbols among them");
    assertThat(refusal(corpus, "--input", text.toString()))
        .contains("cannot be read together with other inputs");
    assertThat(refusal(prepared("documents", text, "--kind", "documents")))
        .contains("separate documents; embed reads one stream of text");
  }
}
