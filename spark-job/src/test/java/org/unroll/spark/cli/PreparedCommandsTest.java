// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.corpus.CorpusDescription;
import org.unroll.spark.corpus.PreparedFolder;

/** Training from a prepared corpus against training from the text it was made of. */
class PreparedCommandsTest {
  private static final String TEXT = "the sea is wide, the sea is deep.\n".repeat(120);
  private static final String HELD_OUT = "the sea is deep, deep is the sea.\n".repeat(20);

  /** So few that windows and rows run over the ends of many files. */
  private static final int FILE_TOKENS = 300;

  private static final String END = "epoch 3/";

  @TempDir static Path home;
  private static Path text;
  private static Path heldOut;
  private static Path corpus;
  private static Path ofText;
  private static JsonNode figures;

  @TempDir Path folder;

  @BeforeAll
  static void prepareAndTrain() throws IOException {
    text = Files.writeString(home.resolve("sea.txt"), TEXT);
    heldOut = Files.writeString(home.resolve("deep.txt"), HELD_OUT);
    corpus = PreparedFolder.ofText(home.resolve("corpus"), TEXT, "char").write(TEXT, FILE_TOKENS);
    ofText = home.resolve("model");
    figures = json(train(text, ofText, "--json"));
  }

  private static Outcome train(Path input, Path out, String... more) {
    return Shell.run(words(input, out, more));
  }

  private static String[] words(Path input, Path out, String... more) {
    String[] options = {
      "train",
      "--input",
      input.toString(),
      "--out",
      out.toString(),
      "--master",
      "local[2]",
      "--valid",
      heldOut.toString(),
      "--layers",
      "1",
      "--hidden",
      "12",
      "--batch",
      "7",
      "--window",
      "20",
      "--epochs",
      "3",
      "--lr",
      "0.02",
      "--shards",
      "3",
      "--dropout",
      "0.1"
    };
    return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private Path model() {
    return folder.resolve("model");
  }

  private void assertSameModel() {
    assertThat(model().resolve("model.safetensors"))
        .hasSameBinaryContentAs(ofText.resolve("model.safetensors"));
  }

  private String refusal(Path input, String... more) {
    Outcome outcome = train(input, model(), more);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(model()).doesNotExist();
    return outcome.err();
  }

  @Test
  void resident_workers_learn_the_same_bits_from_shards_and_from_text() throws IOException {
    JsonNode of = json(train(corpus, model(), "--workers", "2", "--json"));
    assertSameModel();
    assertThat(of.get("loss")).isEqualTo(figures.get("loss"));
    assertThat(of.get("tokens").longValue()).isEqualTo(TEXT.length());
    JsonNode config = new ObjectMapper().readTree(model().resolve("config.json").toFile());
    assertThat(config.get("data").get("unit").textValue()).isEqualTo("char");
    assertThat(config.at("/provenance/data_hash").textValue()).startsWith("0123-");
  }

  @Test
  void what_prepare_writes_is_learnt_like_the_text_it_read() throws IOException {
    for (String unit : List.of("char", "word")) {
      Path prepared = folder.resolve(unit);
      String[] command = {
        "prepare",
        "--input",
        text.toString(),
        "--out",
        prepared.toString(),
        "--unit",
        unit,
        "--master",
        "local[2]"
      };
      Outcome outcome = Shell.run(command);
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      Path expected = folder.resolve(unit + "-text");
      Path found = folder.resolve(unit + "-prepared");
      assertThat(train(text, expected, "--unit", unit).exitCode()).isZero();
      assertThat(train(prepared, found).exitCode()).isZero();
      for (String file : List.of("model.safetensors", "vocabulary.tsv")) {
        assertThat(found.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
      }
    }
  }

  @Test
  void jobs_learn_the_same_bits_from_shards_and_from_text() throws IOException {
    Outcome outcome = train(corpus, model(), "--workers", "1", "--rounds", "job");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertSameModel();
  }

  @Test
  void what_is_held_out_may_be_prepared_or_be_the_end_of_the_corpus() throws IOException {
    Path valid =
        new PreparedFolder(folder.resolve("valid"), PreparedFolder.vocabulary(TEXT, "char"))
            .write(HELD_OUT, FILE_TOKENS);
    assertThat(train(corpus, model(), "--valid", valid.toString()).exitCode()).isZero();
    assertSameModel();

    String[] held =
        Stream.of(words(corpus, folder.resolve("other"), "--valid-fraction", "0.2", "--json"))
            .map(word -> word.equals("--valid") ? "--test" : word)
            .toArray(String[]::new);
    JsonNode cut = json(Shell.run(held));
    assertThat(cut.get("tokens").longValue()).isEqualTo((long) (TEXT.length() * 0.8));
    assertThat(cut.get("test_loss").doubleValue()).isPositive();
  }

  @Test
  void a_training_that_was_cut_short_goes_on_in_the_middle_of_the_shards() throws IOException {
    String[] command = words(corpus, model(), "--checkpoint-every", "5");
    Outcome cut = Shell.runUntil(END, command);
    assertThat(cut.exitCode()).as(cut.err()).isEqualTo(1);
    // Another text of the same length, or another vocabulary, is another training.
    new PreparedFolder(folder.resolve("changed"), PreparedFolder.vocabulary(TEXT, "char"))
        .hash("4567")
        .write(TEXT, FILE_TOKENS);
    Outcome refused = train(folder.resolve("changed"), model(), "--checkpoint-every", "5");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("the data are others");
    Outcome finished = Shell.run(command);
    assertThat(finished.exitCode()).as(finished.err()).isZero();
    assertThat(finished.err()).contains("Resuming after round ");
    assertSameModel();
  }

  @Test
  void evaluate_reads_a_prepared_corpus_as_it_reads_the_text() throws IOException {
    String[] scored = {"evaluate", "--model", ofText.toString(), "--batch", "3", "--json"};
    String[] common = {"--master", "local[2]", "--input"};
    JsonNode expected = json(run(scored, common, text.toString()));
    JsonNode found = json(run(scored, common, corpus.toString()));
    assertThat(found).isEqualTo(expected);
    assertThat(found.get("tokens").longValue()).isEqualTo(TEXT.length());

    Path other = PreparedFolder.ofText(folder.resolve("o"), "a tea", "char").write("a tea", 9);
    Outcome refused = run(scored, common, other.toString());
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains(
            "does not go with that of the model: its token ",
            "Give the text that it was",
            "--vocabulary");
  }

  private static Outcome run(String[] first, String[] second, String last) {
    return Shell.run(
        Stream.of(first, second, new String[] {last}).flatMap(Stream::of).toArray(String[]::new));
  }

  @Test
  void steps_may_be_limited_and_memory_is_told() throws IOException {
    assertThat(refusal(text, "--max-steps", "-1"))
        .contains("--max-steps is -1, but it must be at least 0");
    JsonNode of = json(train(corpus, model(), "--max-steps", "40", "--json"));
    assertThat(of.get("rounds").longValue()).isEqualTo(40);
    assertThat(of.get("ended_by").textValue()).isEqualTo("max_steps");
    assertThat(of.get("epochs").intValue()).isEqualTo(2);
    assertThat(figures.get("ended_by").textValue()).isEqualTo("epochs");
    assertThat(Files.readAllLines(model().resolve("metrics.jsonl"))).hasSize(2);
    assertThat(Files.readString(model().resolve("report.html"))).contains("(--max-steps)");
    long driver = of.get("peak_memory_bytes").longValue();
    assertThat(driver).isGreaterThan(10_000_000);
    assertThat(of.get("worker_peak_memory_bytes").longValue()).isEqualTo(driver);
    Outcome shown = train(text, folder.resolve("text"), "--max-steps", "40");
    assertThat(shown.out()).contains("best epoch", " of 2, stopped after step 40", "peak memory");
    assertThat(folder.resolve("text/model.safetensors"))
        .hasSameBinaryContentAs(model().resolve("model.safetensors"));
  }

  @Test
  void options_that_a_corpus_contradicts_are_refused() {
    assertThat(refusal(corpus, "--unit", "word"))
        .contains("--unit word does not go with the prepared corpus " + corpus)
        .contains("which was prepared with --unit char: leave the option out");
    assertThat(refusal(corpus, "--vocab-size", "9")).contains("--vocab-size 9 does not go with");
    assertThat(refusal(corpus, "--min-count", "2")).contains("prepared with --min-count 1");
    assertThat(refusal(corpus, "--input", text.toString()))
        .contains("is a prepared corpus, which cannot be read together with other inputs");
    assertThat(refusal(text, "--valid", corpus.toString()))
        .contains("--valid " + corpus + " is a prepared corpus, but --input is text");
    Path small = PreparedFolder.ofText(folder.resolve("small"), "sea", "char").write("sea", 9);
    assertThat(refusal(corpus, "--valid", small.toString()))
        .contains("does not go with that of --input: its token 0 is U+0061 'a', not U+0020");
    assertThat(refusal(small)).contains("has 3 tokens, but --window 20 needs more than 20");
  }

  @Test
  void options_that_say_the_same_are_accepted() throws IOException {
    String[] same = {"--unit", "char", "--vocab-size", "0", "--min-count", "1", "--max-steps", "2"};
    assertThat(train(corpus, model(), same).exitCode()).isZero();
  }

  @Test
  void corpora_that_are_no_whole_stream_are_refused() throws IOException {
    Path documents =
        PreparedFolder.ofText(folder.resolve("d"), TEXT, "char")
            .kind(CorpusDescription.Kind.DOCUMENTS)
            .write(TEXT, TEXT.length());
    assertThat(refusal(documents)).contains("separate documents", "--kind stream");
    Path broken = PreparedFolder.ofText(folder.resolve("b"), TEXT, "char").write(TEXT, 2000);
    Path shard = broken.resolve("shards/part-00001.zstd.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, new byte[bytes.length]);
    assertThat(refusal(broken)).contains("The shard " + shard, "cannot be decoded");
    Files.write(shard, new byte[3]);
    assertThat(refusal(broken)).contains("part-00001.zstd.parquet has 3 bytes where");
    Files.delete(shard);
    assertThat(refusal(broken)).contains("part-00001.zstd.parquet is missing");
  }
}
