// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.rows.DeniedFileSystem;

/** Rows and files that no reading task can learn from. */
class RowsBadInputTest {
  private static final String TSV = "--columns label,text";

  @TempDir Path folder;

  /**
   * Rows to train on.
   *
   * @param name of their file, whose ending tells the format; it is in Latin-1
   * @param told what the answer must have
   */
  private record Case(String task, String options, String name, String rows, String... told) {
    @Override
    public String toString() {
      return task + ": " + told[0];
    }
  }

  private static Case row(
      String task, String options, String name, int line, String rows, String what) {
    return new Case(
        task, options, name, rows, what, "ine " + line + " of ", name, "--on-bad-row skip");
  }

  static Stream<Case> cases() {
    String frames = "{\"features\":[[1,2],[3,4],[5,6]],\"label\":\"a\"}\n";
    String text = "{\"text\":[\"x\",\"y\"],\"label\":[\"a\",\"b\"]}\n";
    return Stream.of(
        row("classify", TSV, "a.tsv", 2, "a\tx\n\ty\n", "it has no label (column 'label')"),
        row("classify", TSV, "a.tsv", 2, "a\tx\nb\t \n", "its sequence is empty"),
        row("classify", TSV, "a.tsv", 2, "a\tx\nb\t\u00ff\n", "it is not valid UTF-8"),
        row("tag", "", "a.jsonl", 2, text + "{\"text\":[\"x\"]}\n", "it has no label"),
        row("tag", "", "a.jsonl", 2, text + text.replace(",\"b\"", ""), "it has 1 label"),
        row("tag", "", "a.jsonl", 2, text + text.replace("\"b\"", "null"), "step 2 has no label"),
        row("tag", "", "a.conll", 4, "x a\ny b\n\nz\n", "it has 1 column, but there must be 2"),
        row(
            "classify",
            "",
            "a.jsonl",
            2,
            frames + frames.replace("4]", "4,5]"),
            "step 2 of column"),
        row("recognise", "", "a.jsonl", 2, frames + frames.replace("4", "NaN"), "it is no JSON"),
        row("recognise", "", "a.jsonl", 2, frames + frames.replace("4", "null"), "missing or not"),
        row(
            "recognise",
            "",
            "a.jsonl",
            2,
            frames + frames.replace("\"a\"", "\"abcdef\""),
            "6 characters"),
        row("classify", "", "a.jsonl", 2, frames + frames.replace("4", "\"NA\""), "missing or not"),
        row("forecast", "", "a.jsonl", 2, "{\"features\":[1,2,3]}\n{\"features\":[1]}\n", "1 step"),
        row("forecast", "", "a.jsonl", 2, "{\"features\":[1,2]}\n{\"features\":[]}\n", "is empty"),
        row("forecast", "", "a.jsonl", 1, "{\"features\":[1,\"x\"]}\n", "'x' is no number"),
        row(
            "forecast",
            "--label sum",
            "a.jsonl",
            2,
            frames.replace("label\":\"a\"", "sum\":1")
                + frames.replace("label\":\"a\"", "sum\":null"),
            "it has no label (column 'sum')"),
        row("forecast", "", "a.jsonl", 1, "{\"features\":" + numbers(20_000) + "}\n", "--context"),
        new Case(
            "classify",
            TSV + " --label kind",
            "a.tsv",
            "a\tx\n",
            "no column 'kind' (--label or --probe). It has label, text."),
        new Case(
            "tag",
            "--label tags",
            "a.jsonl",
            text,
            "no column 'tags' (--label or --probe). It has text, label."),
        new Case(
            "classify",
            TSV,
            "a.tsv",
            "a\tx\na\ty\n",
            "All rows to learn have the label 'a', so there is nothing to tell apart"),
        new Case("tag", "", "a.conll", "x a\ny a\n", "All rows to learn have the label 'a'"),
        new Case("tag", "", "a.conll", "", "a.conll is empty"),
        new Case("recognise", "", "no.jsonl", null, "There is no input", "no.jsonl"),
        new Case(
            "classify",
            "--embeddings vectors.txt",
            "a.jsonl",
            frames + frames.replace("\"a\"", "\"b\""),
            "There are no word vectors"));
  }

  private static String numbers(int count) {
    int[] numbers = new int[count];
    Arrays.setAll(numbers, i -> i % 7);
    return Arrays.toString(numbers);
  }

  private String[] words(String task, String options, String input) {
    return "train --task %s --input %s --out %s --master local[1] --hidden 4 --layers 1 %s"
        .formatted(task, input, folder.resolve("out"), options)
        .strip()
        .split(" +");
  }

  private Outcome train(String task, String options, String input) {
    return Shell.run(words(task, "--epochs 1 " + options, input));
  }

  private static void assertRefused(Outcome outcome, String... told) {
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(told).doesNotContain("\tat ", "Exception");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_training_is_refused_with_the_place(Case c) throws IOException {
    Path input = folder.resolve(c.name());
    if (c.rows() != null) {
      Files.write(input, c.rows().getBytes(StandardCharsets.ISO_8859_1));
    }
    assertRefused(train(c.task(), c.options(), input.toString()), c.told());
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("out.shards")).doesNotExist();
  }

  @Test
  void a_file_that_nobody_may_read_is_named() throws IOException {
    Path input = Files.writeString(folder.resolve("a.tsv"), "a\tx\nb\ty\n");
    String options =
        TSV + " --conf spark.hadoop.fs.denied.impl=" + DeniedFileSystem.class.getName();
    assertRefused(train("classify", options, "denied:" + input), "a.tsv", "Permission denied");
  }

  @Test
  void missing_numbers_of_a_series_are_no_mistake() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"features\":[1,null,3,1,2,3]}\n{\"features\":[2,1,3,1]}\n");
    assertThat(train("forecast", "--horizon 2", input.toString()).exitCode()).isZero();
  }

  @Test
  void vectors_of_words_are_of_no_use_without_words() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("a.jsonl"),
            "{\"features\":[1],\"label\":\"a\"}\n{\"features\":[2],\"label\":\"b\"}\n");
    Path vectors = Files.writeString(folder.resolve("v.txt"), "x 1 2\n");
    assertRefused(
        train("classify", "--embeddings " + vectors, input.toString()), "no column of text");
  }

  @Test
  void a_training_of_something_else_is_told_by_the_options() throws IOException {
    Path input = Files.writeString(folder.resolve("a.tsv"), "ab\tx y z\nba\ty z z\n".repeat(8));
    String options = TSV + " --epochs 3 --batch 4 --shards 1 --checkpoint-every 2";
    Outcome broken = Shell.runUntil("epoch 3/3", words("classify", options, input.toString()));
    assertThat(broken.exitCode()).as(broken.err()).isEqualTo(1);
    String others = " --unit char --keep-case --no-bias --cell rnn";
    assertRefused(
        Shell.run(words("classify", options + others, input.toString())),
        "--unit is wordpunct there and char here",
        "--lowercase is true there and false here",
        "--no-bias is false there and true here",
        "--cell is lstm there and rnn here",
        "--nonlinearity is not used there and tanh here");
    assertRefused(
        Shell.run(words("recognise", options, input.toString())),
        "--task is classify there and recognise here");
  }
}
