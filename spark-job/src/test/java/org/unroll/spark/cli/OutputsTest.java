// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.NoSpaceFileSystem;
import org.unroll.spark.store.OutputClaim;

/** Where commands write: places that cannot be written, and names that are unusual. */
class OutputsTest {
  private static final String SMALL = " --hidden 4 --layers 1 --epochs 1 ";
  private static final String CLASSIFY = "train --task classify --columns label,text" + SMALL;

  @TempDir Path folder;
  @TempDir Path elsewhere;

  @BeforeEach
  void writeInputs() throws IOException {
    Files.writeString(folder.resolve("a.tsv"), "a\tx y\nb\ty z\n");
    Files.writeString(folder.resolve("a.txt"), "x y z w\n".repeat(50));
    Files.writeString(folder.resolve("v.txt"), "2 2\nx 1 2\ny 2 1\n");
  }

  private Outcome run(String words) {
    String line =
        words
            .replace("full:", "full://" + folder + "/")
            .replace("sealed:", "sealed://" + folder + "/")
            .replace("gone:", "gone://" + folder + "/")
            .replace("own:", "own://" + folder + "/")
            .replace("VERSION-1", EarlierFoldersTest.FOLDERS.toString());
    boolean spark = !words.matches("(export|report|neighbours|analogies).*");
    String options =
        NoSpaceFileSystem.OPTIONS + " --conf spark.hadoop.unroll.elsewhere=" + elsewhere;
    String all = line + options + (spark ? " --master local[1]" : "");
    return Shell.runIn(folder, all.replace("IN/", folder + "/").trim().split(" +"));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CLASSIFY + "--input IN/no.tsv --out sealed:x/o",
        CLASSIFY + "--input IN/no.tsv --out IN/o --checkpoint-dir sealed:x/o",
        CLASSIFY + "--input IN/no.tsv --out IN/o --shards-dir sealed:x/o",
        "train --task lm --input IN/no.txt --out sealed:x/o",
        "prepare --input IN/a.txt --out sealed:x/o",
        "embed --input IN/no.txt --out sealed:x/o",
        "predict --model VERSION-1/lm-char --input IN/no.txt --out sealed:x/o",
        "generate-data series --count 1000000000 --out sealed:x/o",
        "export --model IN/no --out sealed:x/o",
        "report --models IN/no --out sealed:x/o",
        "neighbours x --model IN/no --picture sealed:x/o",
        "analogies IN/no --model IN/no --picture sealed:x/o",
      })
  void a_place_that_cannot_be_written_is_told_before_anything_is_read(String words)
      throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err())
        .contains(folder + "/x", "Permission denied")
        .doesNotContain("Exception", "\tat ");
    assertThat(names()).filteredOn(name -> !name.equals("x")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CLASSIFY + "--input IN/a.tsv --out full:o",
        CLASSIFY + "--input IN/a.tsv --out IN/o --shards-dir full:o",
        "train --task lm --batch 2 --window 5 --input IN/a.txt --out full:o" + SMALL,
        "prepare --input IN/a.txt --out full:o",
        "embed --input IN/a.txt --size 4 --epochs 1 --out full:o",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out full:o.csv",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out full:o.parquet",
        "generate-data series --count 100 --out full:o",
        "export --model IN/v.txt --out full:o",
        "neighbours x --model IN/v.txt --picture full:o",
      })
  void a_disk_that_is_full_is_one_sentence(String words) throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.err())
        .contains(folder.toString(), "No space left on device.")
        .doesNotContain("Exception", "\tat ", "fault");
    assertThat(outcome.exitCode()).as(outcome.err()).isBetween(1, 2);
    assertThat(names()).containsExactly("a.tsv", "a.txt", "v.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CLASSIFY + "--input IN/a.tsv --out gone:o",
        "train --task lm --batch 2 --window 5 --input IN/a.txt --out gone:o" + SMALL,
        "prepare --input IN/a.txt --out gone:o",
        "prepare --kind documents --input IN/a.tsv --columns label,text --out gone:o",
        "embed --input IN/a.txt --size 4 --epochs 1 --out gone:o",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out gone:o.csv",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out gone:o.parquet",
        "generate-data series --count 100 --out gone:o",
      })
  void a_folder_that_vanishes_is_one_sentence(String words) throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.err())
        .contains(folder.toString(), "could not be written", "does not exist")
        .doesNotContain("Exception", "\tat ", "fault");
    assertThat(outcome.exitCode()).as(outcome.err()).isOne();
    assertThat(names()).containsExactly("a.tsv", "a.txt", "v.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CLASSIFY + "--input IN/a.tsv --out own:o",
        CLASSIFY + "--input IN/a.tsv --out IN/o --shards-dir own:s",
        CLASSIFY + "--input IN/a.tsv --out IN/o --rounds job --shards-dir own:s",
        "prepare --input IN/a.txt --out own:o",
        "prepare --kind documents --input IN/a.tsv --columns label,text --out own:o",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out own:o.csv",
        "predict --model VERSION-1/lm-char --input IN/a.txt --out own:o.parquet",
      })
  void a_folder_that_machines_do_not_share_is_one_sentence(String words) throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.err())
        .contains(folder.toString(), "that all machines share")
        .doesNotContain("Exception", "\tat ", "fault");
    assertThat(outcome.exitCode()).as(outcome.err()).isOne();
    assertThat(names()).containsExactly("a.tsv", "a.txt", "v.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --task lm --batch 2 --window 5 --input IN/a.txt --out own:o" + SMALL,
        "embed --input IN/a.txt --size 4 --epochs 1 --out own:o",
        "generate-data series --count 100 --out own:o",
      })
  void what_the_driver_writes_need_not_be_shared(String words) throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(names()).containsExactly("a.tsv", "a.txt", "o", "v.txt");
  }

  @Test
  void encoded_rows_leave_other_files_of_their_folder_alone() throws IOException {
    Path mine = Files.createDirectory(folder.resolve("s"));
    Files.writeString(mine.resolve("mine.txt"), "mine");
    assertThat(run(CLASSIFY + "--input IN/a.tsv --out IN/o --shards-dir IN/s").exitCode()).isZero();
    assertThat(mine.toFile().list()).containsExactly("mine.txt");
    Outcome same = run(CLASSIFY + "--input IN/a.tsv --out IN/p --shards-dir IN/./p");
    assertThat(same.exitCode()).as(same.err()).isEqualTo(2);
    assertThat(same.err()).contains("--shards-dir and --out are the same folder");
    assertThat(names()).containsExactly("a.tsv", "a.txt", "o", "s", "v.txt");
  }

  @Test
  void names_may_have_colons() throws IOException {
    String at = "IN/2026-11-22T10:30/";
    Path runs = Files.createDirectory(folder.resolve("2026-11-22T10:30"));
    Files.writeString(runs.resolve("a:1.tsv"), "a\tx y\nb\ty z\n");
    Files.writeString(runs.resolve("t:1.txt"), "x y z w\n".repeat(50));
    for (String words :
        List.of(
            CLASSIFY + "--checkpoint-every 1 --input IN/2026*/*:1.tsv --out " + at + "m:1",
            "predict --columns label,text --model "
                + at
                + "m:1 --input "
                + at
                + "a:1.tsv --out "
                + at
                + "o:1.tsv",
            "describe --input " + at + "o:1.tsv",
            "prepare --input " + at + "t:1.txt --out " + at + "c:1",
            "train --batch 2 --window 5 --input " + at + "c:1 --out " + at + "l:1" + SMALL,
            "embed --size 4 --epochs 1 --input IN/{2026-11-22T10:30,no}/t:[0-9].txt --out "
                + at
                + "e:1",
            "export --model " + at + "e:1 --out " + at + "v:1.txt",
            "neighbours x --model " + at + "v:1.txt --picture " + at + "p:1.png",
            "generate-data series --count 20 --out " + at + "g:1")) {
      Outcome outcome = run(words);
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    }
    assertThat(runs.toFile().list())
        .containsExactlyInAnyOrder(
            "a:1.tsv", "t:1.txt", "m:1", "o:1.tsv", "c:1", "l:1", "e:1", "v:1.txt", "p:1.png",
            "g:1");
  }

  @Test
  void a_training_whose_folder_another_one_has_is_refused() {
    try (OutputClaim ignored = OutputClaim.take(folder.resolve("o").toString())) {
      Outcome outcome = run(CLASSIFY + "--input IN/a.tsv --out IN/o");
      assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
      assertThat(outcome.err())
          .contains("Another run is writing to " + folder.resolve("o"), "process ");
    }
    assertThat(run(CLASSIFY + "--input IN/a.tsv --out IN/o").exitCode()).isZero();
  }

  @Test
  void a_colon_that_would_be_a_scheme_is_told_without_a_class() {
    Outcome outcome = run("describe --input a:b/c.tsv");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("'a:b/c.tsv'", "Relative path", "file:/folder/name")
        .doesNotContain("java.net");
  }
}
