// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.lang3.function.FailableConsumer;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.GeneratedData;

class OutputFolderTest {
  @TempDir Path folder;

  private void write(FailableConsumer<OutputFolder.Unfinished, IOException> content) {
    OutputFolder.free(folder.resolve("out").toString(), false, GeneratedData.FOLDER)
        .write(content, "Not written");
  }

  private static void part(OutputFolder.Unfinished unfinished, String name) throws IOException {
    unfinished.write(name, out -> out.write(name.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource({
    "tsv, csv, tsv",
    "jsonl, json, jsonl",
    "csv, csv.gz, csv.gz",
    "jsonl, json.gz, jsonl.gz",
    "parquet, snappy.parquet, snappy.parquet"
  })
  void parts_have_the_ending_of_their_format(String format, String sparks, String ours) {
    write(
        unfinished -> {
          part(unfinished, "part-00001-json-c000." + sparks);
          part(unfinished, ".part-00001-json-c000." + sparks + ".crc");
          part(unfinished, "_SUCCESS");
          unfinished.adoptParts(format, 0, 3);
        });
    assertThat(folder.resolve("out").toFile().list())
        .containsExactlyInAnyOrder("part-00001-json-c000." + ours, "_SUCCESS");
  }

  @Test
  void what_workers_wrote_elsewhere_is_missed() {
    assertThatThrownBy(
            () ->
                write(
                    unfinished -> {
                      part(unfinished, "part-00000-x.csv");
                      part(unfinished, "_SUCCESS");
                      unfinished.adoptParts("csv", 5, 0, 7, 1);
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "Not written: of 3 files that the workers have written, 2 cannot be seen by the driver."
                + " Name a folder on storage that all machines share (--out).");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_tasks_cannot_write_is_told_without_spark() {
    Throwable cause = new IOException("No space left on device");
    RuntimeException job =
        new RuntimeException(new SparkException("Job aborted due to stage failure:\n\tat", cause));
    assertThatThrownBy(
            () ->
                write(
                    unfinished -> {
                      throw job;
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("Not written: No space left on device.");
    RuntimeException input = new RuntimeException(new InputException("a.txt is bad", cause));
    assertThatThrownBy(
            () ->
                write(
                    unfinished -> {
                      throw input;
                    }))
        .isSameAs(input);
    assertThat(folder).isEmptyDirectory();
  }
}
