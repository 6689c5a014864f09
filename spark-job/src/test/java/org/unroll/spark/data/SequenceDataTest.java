// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.data;

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
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Vocabulary;

/** Rows of all formats, in their order, whatever the input is cut into. */
class SequenceDataTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = DataSpark.start();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static SequenceData open(InputSpec spec, ColumnChoice choice, long chunkBytes) {
    return SequenceData.open(spark, spec, choice, DataSpark.WORDS, Part.ALL, 0, chunkBytes);
  }

  private static List<String> rows(InputSpec spec, ColumnChoice choice) {
    return rows(spec, choice, DataSpark.ONE_CHUNK);
  }

  private static List<String> rows(InputSpec spec, ColumnChoice choice, long chunkBytes) {
    try (SequenceData data = open(spec, choice, chunkBytes)) {
      List<SequenceRow> rows = data.rows().collect();
      assertThat(rows).extracting(SequenceRow::key).isSorted().doesNotHaveDuplicates();
      assertThat(data.count()).isEqualTo(rows.size());
      assertThat(data.steps()).isEqualTo(rows.stream().mapToLong(SequenceRow::steps).sum());
      return rows.stream().map(DataSpark::show).toList();
    }
  }

  private static final List<String> REVIEWS =
      List.of(
          "7 [[good, ,, \", very, \", fine]] []/0 1 null null",
          "8 [[bad, .]] []/0 0 null null",
          "9 [[so, so]] []/0 0 null null");

  @Test
  void formats_of_texts_with_labels_give_the_same_rows() throws IOException {
    ColumnChoice choice = DataSpark.choice(LabelKind.CLASS);
    Path tsv = write("a.tsv", "1\t7\tGood, \"very\" fine\n0\t8\tBAD.\n0\t9\tso so\n");
    Path csv =
        write(
            "a.csv",
            "label,id,text\r\n1,7,\"Good, \"\"very\"\"\nfine\"\r\n0,8,BAD.\r\n\r\n0,9,so so\r\n");
    Path jsonl =
        write(
            "a.jsonl",
            """
            {"id":7,"label":1,"text":"Good, \\"very\\" fine","more":{"a":1}}
            {"label":"0","id":"8","text":"BAD."}

            {"label":0,"id":9.0,"text":["so","so"]}
            """);
    String parquet = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT * FROM VALUES (1, 7L, 'Good, \"very\" fine'), (0, 8L, 'BAD.'), (0, 9L, 'so so')"
                + " AS t(label, id, text)")
        .coalesce(1)
        .write()
        .parquet(parquet);

    assertThat(rows(DataSpark.spec(OnBadRow.FAIL, List.of("label", "id", "text"), tsv), choice))
        .isEqualTo(REVIEWS);
    assertThat(
            rows(
                new InputSpec(List.of(csv.toString()), null, List.of(), true, OnBadRow.FAIL),
                choice))
        .isEqualTo(REVIEWS);
    assertThat(rows(DataSpark.spec(jsonl), choice)).isEqualTo(REVIEWS);
    InputSpec asParquet =
        new InputSpec(List.of(parquet), InputFormat.PARQUET, List.of(), false, OnBadRow.FAIL);
    assertThat(rows(asParquet, choice)).isEqualTo(REVIEWS);
  }

  @Test
  void tab_separated_rows_end_at_newlines_alone_and_have_no_quotes() throws IOException {
    Path tsv = write("a.tsv", "1\ta\u0085b \u2028c\n0\t\"d\r\n1\te\rf");

    assertThat(
            rows(
                DataSpark.spec(OnBadRow.FAIL, List.of("label", "text"), tsv),
                DataSpark.choice(LabelKind.CLASS)))
        .containsExactly(
            "null [[a, b, c]] []/0 1 null null",
            "null [[\", d]] []/0 0 null null",
            "null [[e, f]] []/0 1 null null");
  }

  @Test
  void plain_text_needs_no_label() throws IOException {
    Path text = write("a.txt", "\uFEFFone two\n\nthree\n");

    assertThat(rows(DataSpark.spec(text), DataSpark.choice(LabelKind.NONE)))
        .containsExactly(
            "null [[one, two]] []/0 null null null", "null [[three]] []/0 null null null");
  }

  private static final String CONLL =
      "\n\nThe DT B-NP\ncat NN I-NP\n\n \t\n\nsat VBD B-VP\n\na DT B-NP\r\n\r\nb NN B-NP\nc NN I-NP";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 7, 11, 13, 20, 30, 1000})
  void sentences_are_not_cut_wherever_the_file_is(long chunkBytes) throws IOException {
    Path file = write("a.conll", CONLL);

    assertThat(rows(DataSpark.spec(file), DataSpark.choice(LabelKind.STEPS), chunkBytes))
        .containsExactly(
            "null [[The, cat]] []/0 null [B-NP, I-NP] null",
            "null [[sat]] []/0 null [B-VP] null",
            "null [[a]] []/0 null [B-NP] null",
            "null [[b, c]] []/0 null [B-NP, I-NP] null");
  }

  @Test
  void several_columns_of_tokens_go_side_by_side() throws IOException {
    Path file = write("a.conll", CONLL);
    ColumnChoice choice =
        new ColumnChoice(List.of("form", "tag"), List.of(), "tag", null, LabelKind.STEPS, false);

    assertThat(
            rows(DataSpark.spec(OnBadRow.FAIL, List.of("form", "tag", "x"), file), choice).get(0))
        .isEqualTo("null [[The, cat], [DT, NN]] []/0 null [DT, NN] null");
  }

  @Test
  void universal_dependencies_skip_comments_multiword_tokens_and_empty_nodes() throws IOException {
    Path file =
        write(
            "a.conllu",
            """
            # sent_id = 1
            # text = I don't know
            1	I	I	PRON	PRP	_	4	nsubj	_	_
            2-3	don't	_	_	_	_	_	_	_	_
            2	do	do	AUX	VBP	_	4	aux	_	_
            3	n't	not	PART	RB	_	4	advmod	_	_
            4	know well	know	VERB	VB	_	0	root	_	_
            4.1	x	x	X	X	_	_	_	_	_

            """);

    assertThat(rows(DataSpark.spec(file), DataSpark.choice(LabelKind.STEPS)))
        .containsExactly("null [[I, do, n't, know well]] []/0 null [PRON, AUX, PART, VERB] null");
  }

  @Test
  void series_of_all_formats_give_the_same_frames() throws IOException {
    List<String> expected =
        List.of(
            "null [] [1.0, 10.0, 2.0, 20.0]/2 3 null null",
            "null [] [1.5, -1.0, NaN, 4.0, 0.0, 5.0]/2 x y null null");
    ColumnChoice choice = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.CLASS, true);
    Path ts =
        write(
            "a.ts",
            """
            # comment
            @problemName a
            @timeStamps false
            @dimensions 2
            @classLabel true 3 x
            @data
            1,2:10,20:3

            1.5,?,0:-1,4,5e0:x y
            """);
    Path jsonl =
        write(
            "a.jsonl",
            """
            {"features":[[1,10],[2,20]],"label":3}
            {"features":[[1.5,-1],[null,4],[0,5]],"label":"x y"}
            """);
    String parquet = folder.resolve("p.parquet").toString();
    spark
        .sql(
            "SELECT array(array(1D,10D),array(2D,20D)) AS features, '3' AS label UNION ALL"
                + " SELECT array(array(1.5D,-1D),array(null,4D),array(0D,5D)), 'x y'")
        .coalesce(1)
        .write()
        .parquet(parquet);

    assertThat(rows(DataSpark.spec(ts), choice, 30)).isEqualTo(expected);
    assertThat(rows(DataSpark.spec(jsonl), choice)).isEqualTo(expected);
    InputSpec asParquet =
        new InputSpec(List.of(parquet), InputFormat.PARQUET, List.of(), false, OnBadRow.FAIL);
    assertThat(rows(asParquet, choice)).isEqualTo(expected);
  }

  @Test
  void channels_may_stand_in_columns_of_their_own() throws IOException {
    Path jsonl =
        write("a.jsonl", "{\"a\":[1,2],\"b\":[[3,4],[5,6]],\"y\":0.5,\"w\":[\"u\",\"v\"]}\n");
    ColumnChoice both =
        new ColumnChoice(List.of("w"), List.of("a", "b"), "y", null, LabelKind.NUMBERS, false);
    Path csv = write("a.csv", "0.1,0.2,0.3,up\n1,2,3,down\n");
    ColumnChoice steps =
        new ColumnChoice(List.of(), List.of("x", "y", "z"), null, null, LabelKind.CLASS, false);

    assertThat(rows(DataSpark.spec(jsonl), both))
        .containsExactly("null [[u, v]] [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]/3 null null [0.5]");
    assertThat(rows(DataSpark.spec(OnBadRow.FAIL, List.of("x", "y", "z", "label"), csv), steps))
        .containsExactly(
            "null [] [0.1, 0.2, 0.3]/1 up null null", "null [] [1.0, 2.0, 3.0]/1 down null null");
  }

  @ParameterizedTest
  @CsvSource({"'  ', '\n'", "',', '\r\n'", "'\t', '\n'"})
  void ucr_has_a_class_and_then_the_samples(String between, String end) throws IOException {
    String lead = between.isBlank() && !between.equals("\t") ? "  " : "";
    Path file =
        write(
            "a.txt",
            (lead + String.join(between, "1.0000000e+00", "-1.5e0", "2") + end)
                + (lead + String.join(between, "2", "3", "NaN") + end));
    InputSpec spec =
        new InputSpec(List.of(file.toString()), InputFormat.UCR, List.of(), false, OnBadRow.FAIL);
    ColumnChoice choice = new ColumnChoice(List.of(), List.of(), null, null, LabelKind.CLASS, true);

    assertThat(rows(spec, choice, 8))
        .containsExactly("null [] [-1.5, 2.0]/1 1 null null", "null [] [3.0, NaN]/1 2 null null");
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
    InputSpec spec = DataSpark.spec(OnBadRow.FAIL, NAMES, manyFiles().toArray(Path[]::new));
    ColumnChoice choice = DataSpark.choice(LabelKind.CLASS);
    try (SequenceData data = open(spec, choice, chunkBytes);
        SequenceData whole = open(spec, choice, DataSpark.ONE_CHUNK)) {
      assertThat(data.rows().map(SequenceRow::id).collect())
          .isEqualTo(Collections.nCopies(100, 0).stream().map(new Counter()::next).toList());
      assertThat(data.hash()).isEqualTo(whole.hash());
      List<List<String>> shards = shards(data, 3);
      assertThat(shards).hasSize(3);
      for (int s = 0; s < 3; s++) {
        int shard = s;
        assertThat(shards.get(s)).hasSize(shard == 0 ? 34 : 33);
        assertThat(shards.get(s)).allMatch(id -> Integer.parseInt(id) % 3 == shard);
        assertThat(shards.get(s)).extracting(Integer::valueOf).isSorted();
      }
      assertThat(data.labels())
          .containsExactly(Map.entry("0", 34L), Map.entry("1", 33L), Map.entry("2", 33L));
      assertThat(data.vocabulary(0, 4, 1).entries())
          .containsExactly(
              new Vocabulary.Entry("<unk>", 85),
              new Vocabulary.Entry("w", 100),
              new Vocabulary.Entry("–", 100),
              new Vocabulary.Entry("w0", 15))
          .isEqualTo(whole.vocabulary(0, 4, 1).entries());
    }
  }

  /** The ids of each shard. */
  private static List<List<String>> shards(SequenceData data, int shards) {
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
      try (SequenceData data = open(DataSpark.spec(OnBadRow.FAIL, NAMES, file), choice, 100)) {
        hashes.add(data.hash());
      }
    }
    assertThat(hashes).hasSize(3);
  }

  private static Set<String> ids(InputSpec spec, Part part) {
    try (SequenceData data =
        SequenceData.open(
            spark, spec, DataSpark.choice(LabelKind.CLASS), DataSpark.WORDS, part, 0, 50)) {
      return new HashSet<>(data.rows().map(SequenceRow::id).collect());
    }
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
    InputSpec spec = DataSpark.spec(OnBadRow.FAIL, NAMES, file);
    InputSpec other = DataSpark.spec(OnBadRow.FAIL, NAMES, front, back);

    Set<String> held = ids(spec, new Part(7, 0.2, true));

    assertThat((double) held.size()).isCloseTo(200, within(40.0));
    assertThat(held).allMatch(id -> held.contains(Integer.toString(Integer.parseInt(id) ^ 1)));
    assertThat(ids(other, new Part(7, 0.2, true))).isEqualTo(held);
    Set<String> kept = ids(spec, new Part(7, 0.2, false));
    assertThat(kept).hasSize(1000 - held.size()).doesNotContainAnyElementsOf(held);
    assertThat(ids(spec, new Part(8, 0.2, true))).isNotEqualTo(held);
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
      try (SequenceData data = open(DataSpark.spec(file), choice, chunkBytes)) {
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
    InputSpec spec = DataSpark.spec(Path.of(out));
    try (SequenceData data = open(spec, DataSpark.choice(LabelKind.CLASS), 1)) {
      assertThat(data.rows().map(row -> Integer.valueOf(row.id())).collect())
          .hasSize(1000)
          .isSorted();
      assertThat(shards(data, 2).get(1)).hasSize(500).allMatch(id -> Integer.parseInt(id) % 2 == 1);
    }
  }

  @Test
  void a_long_document_and_a_long_line_are_rows_like_others() throws IOException {
    Path file =
        write(
            "a.tsv", "1\t1\t" + "word ".repeat(100_000) + "\n0\t2\t" + "x".repeat(10 << 20) + "\n");
    try (SequenceData data =
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
