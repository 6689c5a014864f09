// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** What captions and programs are learnt from, other than the samples. */
class WritingInputsTest {
  private static final String PROGRAMS =
      Shell.HOME.resolve("data-samples/additions/test.jsonl").toString();
  private static final String DRAWINGS =
      Shell.HOME.resolve("data-samples/drawings/test.jsonl").toString();
  private static final String SMALL = " --layers 1 --hidden 8 --epochs 1 --shards 2 --json";

  @TempDir Path folder;

  private Outcome shell(String words) {
    return Shell.run((words + " --master local[2]").replace("DIR", folder.toString()).split(" +"));
  }

  private JsonNode json(String words) throws IOException {
    Outcome outcome = shell(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private void assertRefused(String words, String... told) {
    Outcome outcome = shell(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err().replaceAll("\\s+", " ")).contains(told).doesNotContain("\tat ");
  }

  /** A picture of each colour, as one vector, and two ways to say it. */
  private void pictures(String name, int width) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      String colour = i % 2 == 0 ? "red" : "blue";
      StringBuilder vector = new StringBuilder();
      for (int d = 0; d < width; d++) {
        vector.append(d == 0 ? "" : ",").append(d == i % 2 ? 1 : 0.01 * (i % 7));
      }
      rows.append(
          "{\"features\":[[%s]],\"captions\":[\"it is %s\",\"%s it is\"]}%n"
              .formatted(vector, colour, colour));
    }
    Files.writeString(folder.resolve(name), rows);
  }

  @Test
  void a_picture_may_be_one_vector() throws IOException {
    pictures("one.jsonl", 5);
    JsonNode figures =
        json(
            "train --task caption --label captions --no-encoder --attention none --batch 8 --lr 0.02"
                + " --input DIR/one.jsonl --test DIR/one.jsonl --out DIR/model"
                + SMALL.replace("--epochs 1", "--epochs 12"));
    assertThat(figures.get("test_exact").doubleValue()).isEqualTo(1);
    pictures("wide.jsonl", 6);
    assertRefused("predict --model DIR/model --input DIR/wide.jsonl --out DIR/none", "5", "6");
    JsonNode described =
        json("describe --json --label captions --labels texts --input DIR/one.jsonl");
    assertThat(described.get("texts").intValue()).isEqualTo(120);
    assertThat(described.get("longest").intValue()).isEqualTo(1);
    assertRefused(
        "predict --model DIR/model --say red",
        "A typed text can be answered by a model that reads");
  }

  @Test
  void a_picture_may_be_a_file_of_numpy() throws IOException {
    StringBuilder rows = new StringBuilder("features\tcaption\n");
    for (int i = 0; i < 60; i++) {
      String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }";
      Path file = folder.resolve(i + ".npy");
      String numbers = (i % 2 == 0 ? "\1\0" : "\0\1") + (char) (i % 7);
      Files.write(
          file,
          ("\u0093NUMPY\1\0v\0%-117s\n".formatted(header) + numbers)
              .getBytes(StandardCharsets.ISO_8859_1));
      rows.append(file.getFileName()).append(i % 2 == 0 ? "\tit is red\n" : "\tit is blue\n");
    }
    Files.writeString(folder.resolve("files.tsv"), rows);
    JsonNode figures =
        json(
            "train --task caption --label caption --no-encoder --batch 8 --lr 0.02"
                + " --input DIR/files.tsv --test DIR/files.tsv --out DIR/model"
                + SMALL.replace("--epochs 1", "--epochs 12"));
    assertThat(figures.get("test_exact").doubleValue()).isEqualTo(1);
    Files.delete(folder.resolve("7.npy"));
    assertRefused(
        "predict --model DIR/model --input DIR/files.tsv --out DIR/none",
        "line 9 of",
        "There is no array of NumPy",
        "7.npy");
  }

  @Test
  void an_empty_file_of_pictures_is_named() throws IOException {
    Files.writeString(folder.resolve("empty.jsonl"), "");
    assertRefused(
        "train --task caption --label captions --input DIR/empty.jsonl --out DIR/none",
        "empty.jsonl");
    Files.writeString(folder.resolve("rows.jsonl"), "{\"features\":[],\"captions\":\"a\"}\n");
    assertRefused(
        "train --task caption --label captions --input DIR/rows.jsonl --out DIR/none",
        "rows.jsonl",
        "empty");
  }

  @Test
  void captions_are_described() throws IOException {
    JsonNode figures = json("describe --json --label captions --labels texts --input " + DRAWINGS);
    assertThat(figures.get("rows").intValue()).isEqualTo(20);
    assertThat(figures.get("channels").intValue()).isEqualTo(12);
    assertThat(figures.get("texts").intValue()).isGreaterThan(20);
  }

  @Test
  void programs_that_were_prepared_are_learnt_as_from_the_files() throws IOException {
    json(
        "prepare --kind documents --unit char --text program --label answer --json --out DIR/corpus"
            + " --input "
            + PROGRAMS);
    String train = "train --task execute" + SMALL;
    json(train + " --input DIR/corpus --out DIR/prepared");
    json(train + " --text program --label answer --input " + PROGRAMS + " --out DIR/files");
    assertThat(folder.resolve("prepared/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("files/model.safetensors"));
    String scores = " --json --input DIR/corpus --model DIR/";
    assertThat(json("evaluate" + scores + "prepared").get("exact"))
        .isEqualTo(json("evaluate" + scores + "files").get("exact"));
  }

  @Test
  void byte_pairs_are_not_learnt_from_rows_that_were_cut_otherwise() throws IOException {
    json(
        "prepare --kind documents --unit char --text program --label answer --json --out DIR/corpus"
            + " --input "
            + PROGRAMS);
    assertRefused(
        "train --task translate --input DIR/corpus --out DIR/none" + SMALL,
        "corpus was prepared with --unit char",
        "are to be read with --unit bpe: say the same, or prepare the rows again");
  }
}
