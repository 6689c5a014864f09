// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;

/** A prepared corpus, read by Spark SQL, is its naive twin. */
class PrepareTest {
  private static final String STREAM = "first bigint, tokens array<int>";
  private static final String DOCUMENTS = "id string, tokens array<int>, length int, label string";

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = CorpusSpark.start();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  private PrepareRequest request(String unit, int size, Kind kind) {
    return CorpusSpark.request(folder.resolve("in"), folder.resolve("out"), unit, size, kind);
  }

  private static PrepareJob.Result run(PrepareRequest request, long chunkBytes) {
    PrintStream silent = new PrintStream(new ByteArrayOutputStream());
    Terminal terminal = new Terminal(silent, silent, false, 80);
    return new PrepareJob(spark, request, terminal, chunkBytes).run();
  }

  private List<Path> writeFiles() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Path packed = in.resolve("2.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write((Twin.TEXT + "\nin a gzip\n").getBytes(StandardCharsets.UTF_8));
    }
    return List.of(
        Files.writeString(in.resolve("1.txt"), Twin.TEXT),
        packed,
        Files.writeString(in.resolve("3-empty.txt"), ""),
        Files.writeString(in.resolve("4.txt"), "\uFEFF" + Twin.TEXT.repeat(3) + "\r\n"));
  }

  private static List<Row> rows(PreparedCorpus corpus, Shard shard, String schema) {
    return spark.read().schema(schema).parquet(corpus.file(shard).toString()).collectAsList();
  }

  /** All tokens in the order of the corpus, with positions checked. */
  private static List<Integer> stream(PreparedCorpus corpus) {
    List<Integer> tokens = new ArrayList<>();
    for (Shard shard : corpus.shards()) {
      assertThat(shard.first()).isEqualTo(tokens.size());
      for (Row row : rows(corpus, shard, STREAM)) {
        assertThat(row.<Long>getAs("first")).isEqualTo(tokens.size());
        tokens.addAll(row.getList(row.fieldIndex("tokens")));
      }
      assertThat(shard.first() + shard.tokens()).isEqualTo(tokens.size());
    }
    return tokens;
  }

  private static List<String> words(PreparedCorpus corpus, List<Integer> ids) {
    return ids.stream().map(corpus.vocabulary()::token).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "char,7",
    "char,1000000",
    "word,5",
    "word,1000000",
    "word+lowercase,50",
    "wordpunct,9",
    "wordpunct+lowercase,1000000",
    "regex:[a-z]+|[0-9 ]+,11"
  })
  void a_stream_is_its_twin_for_every_size_of_chunks(String unit, long chunkBytes)
      throws IOException {
    Tokenizer tokenizer = Tokenizer.of(unit);
    List<String> tokens = Twin.tokens(writeFiles(), tokenizer);
    Map<String, Long> counts = new HashMap<>();
    tokens.forEach(token -> counts.merge(token, 1L, Long::sum));
    Vocabulary vocabulary = Vocabulary.build(counts, unit, 0, 1, false);

    PreparedCorpus corpus = run(request(unit, 0, Kind.STREAM), chunkBytes).corpus();

    assertThat(corpus.vocabulary().entries()).isEqualTo(vocabulary.entries());
    assertThat(words(corpus, stream(corpus))).isEqualTo(tokens);
    CorpusStatistics statistics = corpus.description().statistics();
    assertThat(statistics.tokens()).isEqualTo(tokens.size());
    assertThat(statistics.types()).isEqualTo(counts.size());
    assertThat(corpus.tokenizer()).isEqualTo(tokenizer);
  }

  @ParameterizedTest
  @CsvSource({"7", "1000000"})
  void byte_pairs_give_the_text_back(long chunkBytes) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : writeFiles()) {
      text.append(
          Twin.tokens(List.of(file), Tokenizer.of("char")).stream().reduce("", String::concat));
    }
    PreparedCorpus corpus = run(request("bpe", 300, Kind.STREAM), chunkBytes).corpus();
    List<Integer> ids = stream(corpus);
    assertThat(corpus.tokenizer().join(words(corpus, ids))).isEqualTo(text.toString());
    assertThat(corpus.vocabulary().size()).isGreaterThan(256);
    long[] counts = new long[corpus.vocabulary().size()];
    ids.forEach(id -> counts[id]++);
    for (int id = 0; id < counts.length; id++) {
      assertThat(corpus.vocabulary().count(id)).isEqualTo(counts[id]);
    }
  }

  @Test
  void statistics_are_those_of_lines() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Files.writeString(in.resolve("a"), "one two\n\none two\nthree\n\n");
    Files.writeString(in.resolve("b"), "one two\nfour five six seven");
    CorpusStatistics found =
        run(request("word", 4, Kind.STREAM), 6).corpus().description().statistics();
    assertThat(found.documents()).isEqualTo(7);
    assertThat(found.tokens()).isEqualTo(11 + 7);
    assertThat(found.types()).isEqualTo(8);
    assertThat(found.duplicates()).isEqualTo(2);
    assertThat(found.unknown()).isEqualTo(5);
    assertThat(found.oovRate()).isEqualTo(5 / 18.0);
    assertThat(found.bytes()).isEqualTo(24 + 27);
    assertThat(found.lengths().bins()).extracting("documents").containsExactly(2L, 1L, 3L, 1L);
  }

  private static ColumnChoice columns(String text, String label) {
    List<String> texts = text == null ? List.of() : List.of(text);
    return new ColumnChoice(texts, List.of(), label, null, LabelKind.NONE, false);
  }

  @Test
  void documents_are_rows_in_their_order_with_their_labels() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    StringBuilder table = new StringBuilder("label,words\n");
    for (int i = 0; i < 300; i++) {
      table.append(i % 3 == 0 ? "" : "l" + i % 3).append(",w");
      table.append(" v".repeat(i * 7 % 40)).append('\n');
    }
    Files.writeString(in.resolve("t.csv"), table);
    PrepareRequest text = request("word", 0, Kind.DOCUMENTS);
    PrepareRequest request =
        new PrepareRequest(
            text.input(),
            columns("words", "label"),
            false,
            text.out(),
            false,
            "word",
            0,
            1,
            null,
            Kind.DOCUMENTS,
            false);
    PreparedCorpus corpus = run(request, 100).corpus();
    List<Row> rows = rows(corpus, corpus.shards().get(0), DOCUMENTS);
    assertThat(rows).hasSize(300);
    for (int number = 0; number < rows.size(); number++) {
      Row row = rows.get(number);
      assertThat(row.<String>getAs("id")).isEqualTo(Integer.toString(number + 1));
      int length = row.getAs("length");
      assertThat(length).isEqualTo(1 + number * 7 % 40);
      assertThat(row.<String>getAs("label")).isEqualTo(number % 3 == 0 ? null : "l" + number % 3);
      assertThat(row.getList(row.fieldIndex("tokens"))).hasSize(length);
    }
    assertThat(corpus.shards().get(0).documents()).isEqualTo(300);
  }

  @Test
  void whole_files_are_documents() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Files.writeString(in.resolve("a"), "one\ntwo\n\nthree\n");
    Files.writeString(in.resolve("b"), "x");
    PrepareRequest text = request("char", 0, Kind.DOCUMENTS);
    PrepareRequest request =
        new PrepareRequest(
            text.input(),
            columns(null, null),
            true,
            text.out(),
            false,
            "char",
            0,
            1,
            null,
            Kind.DOCUMENTS,
            false);
    PreparedCorpus corpus = run(request, 1000).corpus();
    List<Row> rows = rows(corpus, corpus.shards().get(0), DOCUMENTS);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).<String>getAs("id")).isEqualTo("1");
    assertThat(rows.get(0).isNullAt(rows.get(0).fieldIndex("label"))).isTrue();
    assertThat(
            String.join("", words(corpus, rows.get(0).getList(rows.get(0).fieldIndex("tokens")))))
        .isEqualTo("one\ntwo\n\nthree");
    assertThat(corpus.description().statistics().bytes()).isEqualTo(16);
  }

  @Test
  void a_table_makes_the_stream_of_its_lines() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    List<String> texts = List.of("a b", "", "c\nd e", "f");
    spark
        .createDataset(texts, Encoders.STRING())
        .toDF("text")
        .coalesce(1)
        .write()
        .parquet(in.resolve("p").toString());
    PrepareRequest text = request("word", 0, Kind.STREAM);
    PrepareRequest request =
        new PrepareRequest(
            text.input(),
            columns("text", null),
            false,
            text.out(),
            false,
            "word",
            0,
            1,
            null,
            Kind.STREAM,
            false);
    PreparedCorpus corpus = run(request, 100).corpus();
    assertThat(words(corpus, stream(corpus)))
        .containsExactly("a", "b", "<eos>", "<eos>", "c", "<eos>", "d", "e", "<eos>", "f", "<eos>");
    assertThat(corpus.description().statistics().documents()).isEqualTo(4);
  }
}
