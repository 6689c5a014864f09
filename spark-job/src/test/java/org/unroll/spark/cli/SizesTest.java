// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Sizes that nothing could hold are refused before anything is begun, with what to lower. */
class SizesTest {
  @TempDir static Path folder;

  private static Path text;
  private static Path rows;
  private static Path model;

  @BeforeAll
  static void train() throws IOException {
    text = Files.writeString(folder.resolve("a.txt"), "a sea of tea\n".repeat(40));
    rows = Files.writeString(folder.resolve("a.tsv"), rows(33));
    model = folder.resolve("model");
    assertThat(lm("model", "--shards 1 --epochs 1 --valid-fraction 0.2").exitCode()).isZero();
  }

  private static String rows(int count) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      rows.append(i % 2 == 0 ? "good" : "bad").append("\tword").append(i).append(" and more\n");
    }
    return rows.toString();
  }

  private static Outcome run(String words) {
    return Shell.run(words.strip().split(" +"));
  }

  /** Options of the case come last, so that they win. */
  private static Outcome lm(String out, String more) {
    return run(
        "train --master local[2] --input %s --out %s --layers 1 --hidden 4 --window 10 --batch 2 %s"
            .formatted(text, folder.resolve(out), more));
  }

  private static Outcome classify(Path input, String out, String more) {
    return run(
        ("train --task classify --master local[2] --columns label,text --input %s --out %s --layers 1"
                + " --hidden 4 --epochs 2 %s")
            .formatted(input, folder.resolve(out), more));
  }

  private static void assertRefused(Outcome outcome, String... told) {
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(told).doesNotContain("\tat ", "Exception");
    assertThat(folder.resolve("none")).doesNotExist();
    assertThat(folder.resolve("none.checkpoints")).doesNotExist();
    assertThat(folder.resolve("none.shards")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --hidden 30000                          | parameters, but one can have 2,147,483,639
          --embedding 1000000000                  | lower --hidden, --embedding, --layers or --vocab
          --layers 1000000000                     | parameters, but one can have
          --hidden 8000 --layers 4                | of memory in the driver with 2 workers in it
          --hidden 8000 --layers 4                | or give more with --driver-memory
          --batch 1000000000                      | --batch 1,000,000,000 cuts the text to learn
          --batch 520                             | than it has tokens that follow another (519)
          --shards 10000000                       | more than there are streams of text (--batch) (2)
          --eval-batch 1000000000 --valid-fraction 0.2 | lower --batch, --eval-batch or --window
          """)
  void what_a_language_model_could_not_hold_is_refused(String options, String told) {
    assertRefused(lm("none", options), told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --hidden 30000                | parameters, but one can have
          --embedding 1000000000        | lower --hidden, --embedding, --layers or --vocab-size
          --char-embedding 1000000000   | parameters, but one can have
          --shards 10000000             | is more than there are rows to learn (33)
          """)
  void what_a_model_of_rows_could_not_hold_is_refused(String options, String told) {
    assertRefused(classify(rows, "none", options), told);
  }

  @Test
  void vectors_and_plans_have_the_same_limits() {
    String embed = "embed --master local[2] --min-count 1 --input " + text;
    assertRefused(
        run(embed + " --embedding 1000000000 --out " + folder.resolve("none")),
        "The model would have 8,000,000,000 parameters",
        "lower --embedding or --vocab-size.");
    assertRefused(
        run(embed + " --shards 10000000 --out " + folder.resolve("none")),
        "--shards 10,000,000 is more than there are words to learn");
    assertRefused(
        run("plan --master local[2] --vocab-size 50 --hidden 30000"),
        "parameters, but one can have");
  }

  @Test
  void a_batch_larger_than_the_data_is_all_of_them() {
    Outcome outcome = classify(rows, "large", "--batch 2000000000 --json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.lastLine()).contains("\"rounds\":2,");
  }

  @ParameterizedTest
  @ValueSource(strings = {"layers", "last_size"})
  void a_model_whose_configuration_is_larger_than_its_file_is_refused(String field)
      throws IOException {
    Path damaged = Files.createDirectories(folder.resolve("damaged-" + field));
    for (String name : new String[] {"model.safetensors", "vocabulary.tsv"}) {
      Files.copy(model.resolve(name), damaged.resolve(name));
    }
    String config = Files.readString(model.resolve("config.json"));
    String changed =
        config.replaceFirst("(\"encoder\"[^}]*\"" + field + "\" : )[0-9]+", "$11000000000");
    assertThat(changed).isNotEqualTo(config);
    Files.writeString(damaged.resolve("config.json"), changed);
    for (String command : new String[] {"evaluate", "generate"}) {
      String more = command.equals("evaluate") ? " --input " + text : "";
      assertRefused(run(command + " --model " + damaged + more), "config.json tells of a network");
    }
  }

  @Test
  void a_text_cannot_be_scored_in_more_streams_than_it_has_tokens() {
    String evaluate = "evaluate --master local[2] --model " + model + " --input " + text;
    assertRefused(run(evaluate + " --batch 1000000000"), "--batch 1,000,000,000 cuts the text");
    assertThat(run(evaluate + " --batch 519").exitCode()).isZero();
  }

  @Test
  void streams_that_are_shorter_than_a_window_are_told() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "a sea of much tea.");
    String words = "train --master local[2] --layers 1 --hidden 4 --epochs 1 --window 8 --shards 8";
    String files = " --input " + few + " --out " + folder.resolve("none");
    assertRefused(run(words + files + " --batch 50"), "that follow another (17)");
    files = files.replace("none", "few");
    Outcome told = run(words + files + " --batch 5");
    assertThat(told.exitCode()).as(told.err()).isZero();
    assertThat(told.err()).contains("Each of 5 streams (--batch) has about 3 tokens, less than");
  }

  @ParameterizedTest
  @CsvSource({"3, 1, 2", "33, 2, 4"})
  void fewer_rows_in_a_batch_than_there_are_shards_are_learnt(int count, int batch, int shards)
      throws IOException {
    Path few = Files.writeString(folder.resolve("few-%d.tsv".formatted(count)), rows(count));
    byte[] bits = null;
    for (int workers = 1; workers <= 2; workers++) {
      String out = "few-%d-%d".formatted(count, workers);
      Outcome outcome =
          classify(
              few, out, "--batch %d --shards %d --workers %d".formatted(batch, shards, workers));
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      byte[] now = Files.readAllBytes(folder.resolve(out).resolve("model.safetensors"));
      assertThat(bits == null ? now : bits).isEqualTo(now);
      bits = now;
    }
  }

  @Test
  void a_label_for_every_row_is_no_class() throws IOException {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      names.append("name").append(i).append("\tword and more\n");
    }
    Path all = Files.writeString(folder.resolve("names.tsv"), names.toString());
    for (String more : new String[] {"", "--valid-fraction 0.2"}) {
      assertRefused(
          classify(all, "none", more),
          "Are these classes? The 60 rows have 60 different labels, of which all occur once");
    }
  }
}
