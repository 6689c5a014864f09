// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Parquet of a corpus, and of an input, of which a byte is another one. */
class DamagedShardsTest {
  private static final int PLACES = 8;

  @TempDir Path folder;

  private static Outcome run(String words) {
    return Shell.run((words + " --master local[1]").split(" +"));
  }

  private static void succeed(String words) {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static Path shard(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--kind documents --text text, describe --input IN/c --labels none, c/shards",
    "--kind stream --text text, embed --size 2 --epochs 1 --overwrite --out IN/v --input IN/c, c/shards",
    "--kind stream --text text, describe --labels none --input IN/o.parquet, o.parquet",
  })
  void a_byte_that_changed_is_no_fault_of_the_program(String kind, String command, String damaged)
      throws IOException {
    Path rows = folder.resolve("a.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      lines.append("{\"id\":\"").append(i).append("\",\"text\":\"word").append(i % 7);
      lines.append(" and other words\"}\n");
    }
    Files.writeString(rows, lines);
    succeed("prepare --input " + rows + " --out " + folder.resolve("c") + " " + kind);
    succeed(
        "predict --model "
            + EarlierFoldersTest.FOLDERS.resolve("lm-char")
            + " --input "
            + rows
            + " --out "
            + folder.resolve("o.parquet"));
    Path shard = shard(folder.resolve(damaged));
    byte[] bytes = Files.readAllBytes(shard);
    int told = 0;
    for (int place = 1; place <= PLACES; place++) {
      byte[] changed = bytes.clone();
      // The footer stands at the end and is a good part of a small file.
      changed[(int) ((long) bytes.length * place / (PLACES + 1))] ^= 0x55;
      Files.write(shard, changed);
      Outcome outcome = run(command.replace("IN", folder.toString()));
      assertThat(outcome.exitCode()).as(place + " " + outcome.err()).isIn(0, 2);
      if (outcome.exitCode() == 2) {
        told++;
        assertThat(outcome.err()).doesNotContain("\tat ", "Exception", "fault");
      }
    }
    assertThat(told).isPositive();
  }
}
