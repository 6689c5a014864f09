// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowsInput.OnBadRow;

/** What is told of an input does not depend on what it is cut into. */
class RowSetTest extends DataSpark {
  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String reviews(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i % 3).append("\t").append(i).append("\tw").append(i % 7).append(" – w\n");
    }
    return text.toString();
  }

  private List<Path> manyFiles() throws IOException {
    Path zst = folder.resolve("c.tsv.zst");
    try (OutputStream out = new ZstdOutputStreamNoFinalizer(Files.newOutputStream(zst))) {
      out.write(reviews(30, 40).getBytes(StandardCharsets.UTF_8));
    }
    Path gz = folder.resolve("b.tsv.gz");
    DataSpark.writeGzip(gz, reviews(20, 30));
    return List.of(write("a.tsv", reviews(0, 20)), gz, zst, write("d.tsv", reviews(40, 100)));
  }

  private static final List<String> NAMES = List.of("label", "id", "text");

  @ParameterizedTest
  @ValueSource(longs = {10, 100, 1_000_000})
  void order_shards_labels_and_sums_do_not_depend_on_how_the_input_is_cut(long chunkBytes)
      throws IOException {
    RowsInput spec = DataSpark.spec(OnBadRow.FAIL, NAMES, manyFiles().toArray(Path[]::new));
    ColumnChoice choice = DataSpark.choice(LabelKind.CLASS);
    try (RowSet data = open(spec, choice, chunkBytes);
        RowSet whole = open(spec, choice, DataSpark.ONE_CHUNK)) {
      assertThat(data.rows().map(SequenceRow::id).collect())
          .isEqualTo(Collections.nCopies(100, 0).stream().map(new Counter()::next).toList());
      assertThat(data.hash()).isEqualTo(whole.hash());
      List<List<String>> shards = shards(data, 3);
      assertThat(shards).hasSize(3).isEqualTo(shards(whole, 3));
      assertThat(shards.stream().mapToInt(List::size).sum()).isEqualTo(100);
      for (List<String> shard : shards) {
        assertThat(shard).hasSizeBetween(33, 34);
        assertThat(shard).extracting(Integer::valueOf).isSorted();
      }
      assertThat(data.labels())
          .containsExactly(Map.entry("0", 34L), Map.entry("1", 33L), Map.entry("2", 33L));
      assertThat(data.tokens(0).collectAsMap())
          .containsEntry("w", 100L)
          .containsEntry("–", 100L)
          .containsEntry("w0", 15L)
          .hasSize(9)
          .isEqualTo(whole.tokens(0).collectAsMap());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 16})
  void rows_that_alternate_are_in_all_shards_alike(int shards) {
    int rows = 4096 * shards;
    int[] all = new int[shards];
    int[] odd = new int[shards];
    int[] third = new int[shards];
    for (int row = 0; row < rows; row++) {
      int shard = RowSet.shard(row, shards);
      all[shard]++;
      odd[shard] += row % 2;
      third[shard] += row % 3 == 0 ? 1 : 0;
    }
    assertThat(all).containsOnly(4096);
    assertThat(IntStream.of(odd)).allSatisfy(n -> assertThat(n).isBetween(1900, 2200));
    assertThat(IntStream.of(third)).allSatisfy(n -> assertThat(n).isBetween(1260, 1470));
  }

  /** The ids of each shard. */
  private static List<List<String>> shards(RowSet data, int shards) {
    List<List<String>> ids = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      ids.add(new ArrayList<>());
    }
    data.sharded(shards)
        .mapPartitionsWithIndex((s, rows) -> prefixed(s, rows), false)
        .collect()
        .forEach(id -> ids.get(Integer.parseInt(id.split(" ")[0])).add(id.split(" ")[1]));
    return ids;
  }

  private static Iterator<String> prefixed(int shard, Iterator<SequenceRow> rows) {
    List<String> ids = new ArrayList<>();
    rows.forEachRemaining(row -> ids.add(shard + " " + row.id()));
    return ids.iterator();
  }

  private static final class Counter {
    private int next;

    String next(int ignored) {
      return Integer.toString(next++);
    }
  }

  @Test
  void another_order_or_row_gives_another_hash_but_another_place_does_not() throws IOException {
    ColumnChoice choice = DataSpark.choice(LabelKind.CLASS);
    Path a = write("a.tsv", "1\t1\tx\n2\t2\ty\n");
    Path moved = Files.createDirectory(folder.resolve("moved")).resolve("b.tsv");
    Files.copy(a, moved);
    Set<String> hashes = new HashSet<>();
    for (Path file :
        List.of(
            a, moved, write("c.tsv", "2\t2\ty\n1\t1\tx\n"), write("d.tsv", "1\t1\tx\n2\t2\tz\n"))) {
      try (RowSet data = open(DataSpark.spec(OnBadRow.FAIL, NAMES, file), choice, 100)) {
        hashes.add(data.hash());
      }
    }
    assertThat(hashes).hasSize(3);
  }

  private static Set<String> ids(RowSet rows, long seed, boolean held) {
    RowSet part = rows.split(seed, 0.2, rows.labels()).get(held ? 1 : 0);
    return new HashSet<>(part.rows().map(SequenceRow::id).collect());
  }

  @Test
  void held_out_rows_are_chosen_by_seed_and_content_alone() throws IOException {
    StringBuilder rows = new StringBuilder();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      // Rows 2 k and 2 k + 1 are equal but for their ids.
      lines.add("%d\t%d\tword%d\n".formatted(i / 2 % 2, i, i / 2));
    }
    lines.forEach(rows::append);
    Path file = write("a.tsv", rows.toString());
    Collections.reverse(lines);
    Path front = write("x.tsv", String.join("", lines.subList(0, 400)));
    Path back = write("y.tsv", String.join("", lines.subList(400, 1000)));
    RowsInput spec = DataSpark.spec(OnBadRow.FAIL, NAMES, file);
    RowsInput other = DataSpark.spec(OnBadRow.FAIL, NAMES, front, back);

    try (RowSet all = open(spec, DataSpark.choice(LabelKind.CLASS), 1000);
        RowSet others = open(other, DataSpark.choice(LabelKind.CLASS), 1000)) {
      Set<String> held = ids(all, 7, true);

      assertThat(held).hasSize(200);
      assertThat(held).allMatch(id -> held.contains(Integer.toString(Integer.parseInt(id) ^ 1)));
      assertThat(ids(others, 7, true)).isEqualTo(held);
      Set<String> kept = ids(all, 7, false);
      assertThat(kept).hasSize(1000 - held.size()).doesNotContainAnyElementsOf(held);
      assertThat(ids(all, 8, true)).isNotEqualTo(held);
    }
  }

  @Test
  void the_rows_held_out_are_the_fraction_of_all_and_of_every_label() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      // 10 rows, 3, 1, and 26 of the fourth label.
      int label = i < 10 ? 0 : i < 13 ? 1 : i < 14 ? 2 : 3;
      rows.append("%d\t%d\tword%d\n".formatted(label, i, i));
    }
    Path file = write("a.tsv", rows.toString());
    RowsInput spec = DataSpark.spec(OnBadRow.FAIL, NAMES, file);
    try (RowSet all = open(spec, DataSpark.choice(LabelKind.CLASS), 1000)) {
      Set<Set<Object>> choices = new HashSet<>();
      for (long seed = 0; seed < 5; seed++) {
        RowSet held = all.split(seed, 0.2, all.labels()).get(1);
        assertThat(held.labels()).isEqualTo(Map.of("0", 2L, "1", 1L, "3", 5L));
        List<RowSet> unlabelled = all.split(seed, 0.2, Map.of());
        assertThat(unlabelled.get(0).count()).isEqualTo(32);
        assertThat(unlabelled.get(1).count()).isEqualTo(8);
        choices.add(new HashSet<>(held.rows().map(SequenceRow::id).collect()));
      }
      assertThat(choices).hasSizeGreaterThan(1);
      assertThat(all.split(1, 0.999, all.labels()).get(0).labels())
          .isEqualTo(Map.of("0", 1L, "1", 1L, "2", 1L, "3", 1L));
    }
  }

  @Test
  void rows_that_are_all_equal_are_not_torn_apart() throws IOException {
    Path file = write("a.tsv", "0\tx\tsame\n".repeat(30) + "1\ty\tother\n".repeat(10));
    RowsInput spec = DataSpark.spec(OnBadRow.FAIL, NAMES, file);
    try (RowSet all = open(spec, DataSpark.choice(LabelKind.CLASS), 1000)) {
      // Ten are nearer to eight than none, but none are nearer than thirty.
      Set<Long> held = new HashSet<>();
      for (long seed = 0; seed < 8; seed++) {
        try {
          held.add(all.split(seed, 0.2, Map.of()).get(1).count());
        } catch (InputException e) {
          held.add(0L);
        }
      }
      assertThat(held).containsExactlyInAnyOrder(0L, 10L);
    }
  }

  @Test
  void scaling_is_learnt_from_what_is_there_to_the_same_bits_for_every_cut() throws IOException {
    StringBuilder rows = new StringBuilder("@dimensions 2\n@data\n");
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 200; i++) {
      float x = (float) (1e6 + Math.sin(i));
      sum += x;
      squares += ((double) x - 1e6) * ((double) x - 1e6);
      rows.append(String.format(Locale.ROOT, "%s,%s:7,%s%n", x, "?", i == 3 ? "?" : "7"));
    }
    Path file = write("a.ts", rows.toString());
    ColumnChoice choice = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.NONE, true);
    List<ChannelStatistics> all = new ArrayList<>();
    for (long chunkBytes : new long[] {64, 1000, DataSpark.ONE_CHUNK}) {
      try (RowSet data = open(DataSpark.spec(file), choice, chunkBytes)) {
        all.add(data.statistics());
      }
    }
    double mean = sum / 200;

    ChannelStatistics statistics = all.get(0);
    assertThat(new HashSet<>(all)).hasSize(1);
    assertThat(statistics.counts()).containsExactly(200, 399);
    assertThat(statistics.means()[0]).isCloseTo(mean, within(1e-9));
    double variance = squares / 200 - (mean - 1e6) * (mean - 1e6);
    assertThat(statistics.deviations()[0]).isCloseTo(Math.sqrt(variance), within(1e-9));
    assertThat(statistics.means()[1]).isEqualTo(7);
    assertThat(statistics.deviations()[1]).isZero();
    float[] frame = {(float) mean, 9};
    statistics.scale(frame);
    assertThat(frame[1]).isEqualTo(2);
    assertThat(frame[0])
        .isCloseTo((float) (((float) mean - mean) / Math.sqrt(variance)), within(1e-6f));
  }

  @Test
  void many_parquet_files_come_in_the_order_of_their_names_and_rows() throws IOException {
    String out = folder.resolve("p q.parquet").toString();
    spark
        .sql(
            "SELECT id, concat('w', id) AS text, cast(id % 2 AS string) AS label FROM range(0, 1000, 1, 5)")
        .write()
        .parquet(out);
    RowsInput spec = DataSpark.spec(Path.of(out));
    try (RowSet data = open(spec, DataSpark.choice(LabelKind.CLASS), 700)) {
      assertThat(data.rows().map(row -> Integer.valueOf(row.id())).collect())
          .hasSize(1000)
          .isSorted();
      assertThat(shards(data, 2).get(1))
          .hasSize(500)
          .allMatch(id -> RowSet.shard(Integer.parseInt(id), 2) == 1);
    }
  }

  @Test
  void a_long_document_and_a_long_line_are_rows_like_others() throws IOException {
    Path file =
        write(
            "a.tsv", "1\t1\t" + "word ".repeat(100_000) + "\n0\t2\t" + "x".repeat(10 << 20) + "\n");
    try (RowSet data =
        open(
            DataSpark.spec(OnBadRow.FAIL, NAMES, file),
            DataSpark.choice(LabelKind.CLASS),
            DataSpark.ONE_CHUNK)) {
      assertThat(data.longest()).isEqualTo(100_000);
      assertThat(data.rows().map(row -> row.tokens()[0][0].length()).collect())
          .containsExactly(4, 10 << 20);
    }
  }
}
