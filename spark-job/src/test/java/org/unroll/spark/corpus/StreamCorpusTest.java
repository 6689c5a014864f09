// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;

/** Tokens read from the shards of a prepared corpus, against the array they were written from. */
class StreamCorpusTest {
  private static final int ROW = TokenShardWriter.ROW_TOKENS;
  private static final int FILE = 2 * ROW + 1000;
  private static final int[] IDS = ids(2 * FILE + 5);
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(
          IntStream.range(0, 50_000)
              .mapToObj(i -> new Vocabulary.Entry("w" + i, 50_000 - i))
              .toList());

  @TempDir static Path home;
  private static SparkSession spark;
  private static Path whole;

  @TempDir Path folder;

  private static int[] ids(int count) {
    Random random = new Random(7);
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (int) (50_000 * Math.pow(random.nextDouble(), 3)));
    return ids;
  }

  @BeforeAll
  static void start() {
    spark = CorpusSpark.start();
    whole = new PreparedFolder(home.resolve("whole"), VOCABULARY).write(IDS, FILE);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static TokenSource source(Path corpus, long from, long to) {
    PreparedCorpus prepared = PreparedCorpus.open(corpus.toString(), new Configuration());
    return new StreamCorpus(spark, prepared).source(prepared.vocabulary(), from, to);
  }

  private static TokenSource all() {
    return source(whole, 0, IDS.length);
  }

  @Test
  void any_run_is_read_from_the_files_that_hold_it() {
    TokenSource source = all();
    assertThat(source.tokens()).isEqualTo(IDS.length);
    int[][] runs = {
      {0, 1}, {ROW - 1, ROW + 1}, {FILE - 3, FILE + ROW}, {2 * FILE - 1, IDS.length}, {9, 9}
    };
    for (int[] run : runs) {
      assertThat(source.read(run[0], run[1]))
          .as("[%d, %d)", run[0], run[1])
          .isEqualTo(Arrays.copyOfRange(IDS, run[0], run[1]));
    }
    assertThat(source.read(0, IDS.length)).isEqualTo(IDS);
  }

  @Test
  void a_part_of_a_corpus_counts_from_its_beginning() {
    TokenSource part = source(whole, ROW + 7, FILE + 9);
    assertThat(part.tokens()).isEqualTo(FILE + 2 - ROW);
    assertThat(part.read(1, part.tokens())).isEqualTo(Arrays.copyOfRange(IDS, ROW + 8, FILE + 9));
    assertThatThrownBy(() -> part.read(0, part.tokens() + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not within the " + part.tokens() + " of this source");
    assertThatThrownBy(() -> source(whole, 0, IDS.length + 1))
        .hasMessageContaining("not within the " + IDS.length + " of the corpus");
  }

  /** Reads a row as a batcher does: windows that overlap by a token, of two rows in turns. */
  private static void assertReads(TokenRun run, int origin, int window) {
    int middle = (int) run.tokens() / 2;
    TokenRun.Cursor[] rows = {run.cursor(0, middle + 1), run.cursor(middle, run.tokens())};
    int[] ends = {middle, (int) run.tokens() - 1};
    int[] at = {0, middle};
    int[] into = new int[window + 1];
    for (boolean more = true; more; ) {
      more = false;
      for (int r = 0; r < rows.length; r++) {
        int count = Math.min(window, ends[r] - at[r]);
        if (count > 0) {
          rows[r].read(at[r], count + 1, into);
          assertThat(
                  Arrays.mismatch(
                      into, 0, count + 1, IDS, origin + at[r], origin + at[r] + count + 1))
              .as("window at %d", at[r])
              .isEqualTo(-1);
          at[r] += count;
          more = true;
        }
      }
    }
  }

  @Test
  void rows_are_read_to_their_ends_in_pieces_of_any_size() {
    for (int piece : List.of(1 << 10, 1 << 14, ROW)) {
      assertReads(all().open(0, IDS.length, piece), 0, 3000);
      assertReads(source(whole, 77, IDS.length).open(23, FILE + 400, piece), 100, 777);
    }
  }

  @Test
  void rows_can_be_read_from_anywhere() {
    TokenRun.Cursor row = all().open(0, IDS.length, 1 << 12).cursor(0, IDS.length);
    Random random = new Random(3);
    int[] into = new int[5000];
    for (int i = 0; i < 60; i++) {
      int at = random.nextInt(IDS.length - into.length);
      row.read(at, into.length, into);
      assertThat(into).as("at %d", at).isEqualTo(Arrays.copyOfRange(IDS, at, at + into.length));
    }
  }

  @Test
  void memory_is_that_of_the_pieces_but_not_more_than_all_tokens_take() {
    TokenSource source = all();
    long few = source.bytes(1_000_000_000, 10, 1 << 14);
    assertThat(few).isEqualTo((4L << 20) + 10 * 2 * 4 * (1 << 14));
    assertThat(source.bytes(1000, 10, 1 << 14)).isEqualTo((4L << 20) + 4000);
  }

  @Test
  void executors_read_it_too() {
    TokenSource source = all();
    List<Integer> sums =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0, FILE), 2)
            .map(from -> Arrays.hashCode(source.read(from, from + 100L)))
            .collect();
    assertThat(sums)
        .containsExactly(
            Arrays.hashCode(Arrays.copyOf(IDS, 100)),
            Arrays.hashCode(Arrays.copyOfRange(IDS, FILE, FILE + 100)));
  }

  private Path shard(int file) {
    return folder.resolve("shards/part-%05d.zstd.parquet".formatted(file));
  }

  /** Opens a corpus, lets something happen to its files, and reads on. */
  private String afterwards(Accident accident) throws IOException {
    new PreparedFolder(folder, VOCABULARY).write(Arrays.copyOf(IDS, 3 * ROW), ROW);
    TokenRun.Cursor row = source(folder, 0, 3 * ROW).open(0, 3 * ROW, 1 << 12).cursor(0, 3 * ROW);
    row.read(0, 10, new int[10]);
    accident.happen();
    try {
      row.read(ROW - 2, 4, new int[4]);
      return "nothing";
    } catch (InputException e) {
      return e.getMessage();
    }
  }

  @FunctionalInterface
  private interface Accident {
    void happen() throws IOException;
  }

  @Test
  void a_shard_that_goes_away_or_changes_is_named() throws IOException {
    assertThat(afterwards(() -> {})).isEqualTo("nothing");
    assertThat(afterwards(() -> Files.delete(shard(1))))
        .startsWith("The shard " + shard(1) + " of the prepared corpus cannot be read: ");
    assertThat(afterwards(() -> Files.write(shard(1), new byte[7])))
        .contains(" has 7 bytes where ", " were written. It was damaged or changed since");
    assertThat(
            afterwards(() -> Files.copy(shard(0), shard(1), StandardCopyOption.REPLACE_EXISTING)))
        .contains(shard(1).toString());
  }

  @Test
  void a_shard_of_another_place_or_with_other_bytes_is_refused() throws IOException {
    String exchanged =
        afterwards(
            () -> {
              // The same ids, and so the same length, but from another position on.
              int[] ids = Arrays.copyOf(IDS, 3 * ROW);
              System.arraycopy(IDS, ROW, ids, 2 * ROW, ROW);
              new PreparedFolder(folder.resolve("other"), VOCABULARY).write(ids, ROW);
              Files.copy(
                  folder.resolve("other/shards/part-00002.zstd.parquet"),
                  shard(1),
                  StandardCopyOption.REPLACE_EXISTING);
            });
    assertThat(exchanged)
        .contains("has the tokens from " + 2 * ROW + " on where those from " + ROW + " belong");
    String rotten =
        afterwards(
            () -> {
              byte[] bytes = Files.readAllBytes(shard(1));
              for (int i = 2000; i < 3000; i++) {
                bytes[i] ^= 0x55;
              }
              Files.write(shard(1), bytes);
            });
    assertThat(rotten).contains("cannot be decoded (", "restore it from a copy");
    String nothing =
        afterwards(
            () -> {
              byte[] bytes = Files.readAllBytes(shard(1));
              Files.write(shard(1), new byte[bytes.length]);
            });
    assertThat(nothing).contains("cannot be decoded (");
  }
}
