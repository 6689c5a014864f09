// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DFSTestUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusSpark;
import org.unroll.spark.corpus.PreparedRows;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.Twin;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;

/** Corpora and models on a real HDFS, whose blocks are smaller than they are. */
class HdfsTest {
  @TempDir static Path folder;
  private static MiniDFSCluster cluster;
  private static FileSystem hdfs;
  private static SparkSession spark;

  @BeforeAll
  static void start() throws IOException {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    conf.set("dfs.namenode.fs-limits.min-block-size", "0");
    conf.set("dfs.blocksize", "1024");
    conf.set("dfs.bytes-per-checksum", "512");
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitActive();
    hdfs = cluster.getFileSystem();
    spark = CorpusSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    cluster.shutdown();
  }

  private static String uri(String path) {
    return cluster.getURI() + path;
  }

  @Test
  void arrays_are_beside_the_rows_that_name_them() throws IOException {
    byte[] array =
        "\u0093NUMPY\1\0v\0%-117s\n\3\4"
            .formatted("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }")
            .getBytes(StandardCharsets.ISO_8859_1);
    write("/pictures/small/1.npy", array);
    write(
        "/pictures/rows.jsonl",
        "{\"features\": \"small/1.npy\"}\n".getBytes(StandardCharsets.UTF_8));
    ColumnChoice columns =
        new ColumnChoice(List.of(), List.of(), null, null, LabelKind.NONE, false);
    try (RowSet rows =
        PreparedRows.open(
            spark, RowsInput.of(List.of(uri("/pictures/rows.jsonl"))), columns, null, 0)) {
      assertThat(rows.rows().first().features()).containsExactly(3, 4);
    }
  }

  private static void write(String path, byte[] bytes) throws IOException {
    try (OutputStream out = hdfs.create(new org.apache.hadoop.fs.Path(path))) {
      out.write(bytes);
    }
  }

  @Test
  void names_that_hdfs_does_not_have_are_refused_at_once() {
    String out = hdfs.getUri() + "/w/2026-11-22T10:30";
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> OutputFolder.free(out, false, GeneratedData.FOLDER),
            () -> ModelStore.requireFree(out, false),
            () -> OutputClaim.take(out),
            () -> AtomicFiles.requireFree(out, false))) {
      assertThatThrownBy(use)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("10:30")
          .hasMessageContaining("not a valid DFS filename");
    }
  }

  @Test
  void a_corpus_on_hdfs_is_its_twin() throws IOException {
    String text = (Twin.TEXT + "\n").repeat(20);
    try (OutputStream plain = hdfs.create(new org.apache.hadoop.fs.Path("/in/a.txt"));
        OutputStream packed =
            new GZIPOutputStream(hdfs.create(new org.apache.hadoop.fs.Path("/in/b.gz")))) {
      plain.write(text.getBytes(StandardCharsets.UTF_8));
      packed.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Path twin = Files.writeString(folder.resolve("twin"), text);
    Tokenizer tokenizer = Tokenizer.of("word");
    List<String> tokens = Twin.tokens(List.of(twin, twin), tokenizer);
    for (String input : List.of("/in", "/in/*", "/in/{a.txt,b.gz}")) {
      TextCorpus corpus = CorpusSpark.open(spark, List.of(uri(input)), tokenizer, 700);
      Vocabulary vocabulary = corpus.vocabulary(0, 1, false);
      assertThat(corpus.source(vocabulary, 0, corpus.tokens()).read(0, corpus.tokens()))
          .isEqualTo(Twin.ids(tokens, vocabulary));
    }
  }

  @Test
  void problems_on_hdfs_are_told_as_elsewhere() throws IOException {
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path("/bad/a.txt");
    try (OutputStream out = hdfs.create(file)) {
      out.write("ok\nb\u00e9d\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    assertThat(problem("/bad")).contains(uri("/bad/a.txt") + " is not valid UTF-8 in line 2");
    assertThat(problem("/nothing")).contains("no input " + uri("/nothing"));
    hdfs.mkdirs(new org.apache.hadoop.fs.Path("/empty"));
    assertThat(problem("/empty")).contains("has no files");
  }

  @Test
  void a_model_is_written_replaced_and_read_whole() throws IOException {
    String out = uri("/models/best");
    ModelStore.Writer writer = new ModelStore.Writer(out, false);
    for (int best = 1; best <= 3; best++) {
      writer.replace(TestModel.starting(best), new byte[] {1}, new byte[] {2});
      TestModel.assertEqual(ModelStore.read(out), TestModel.starting(best));
    }
    assertThat(names("/models")).containsExactly("best");
    assertThat(names("/models/best"))
        .containsExactly(
            "README.md",
            "config.json",
            "metrics.jsonl",
            "model.safetensors",
            "report.html",
            "vocabulary.tsv");
    assertThat(catchThrowableOfType(InputException.class, () -> ModelStore.requireFree(out, false)))
        .hasMessageContaining(out)
        .hasMessageContaining("--overwrite");
    TestModel.write(out, true, TestModel.starting(7), new byte[0], new byte[0]);
    TestModel.assertEqual(ModelStore.read(out), TestModel.starting(7));
  }

  @Test
  void a_folder_never_moves_into_another_one() throws IOException {
    for (String name : List.of("/move/from/new", "/move/to/old")) {
      hdfs.create(new org.apache.hadoop.fs.Path(name)).close();
    }
    org.apache.hadoop.fs.Path from = new org.apache.hadoop.fs.Path("/move/from");
    org.apache.hadoop.fs.Path to = new org.apache.hadoop.fs.Path("/move/to");
    assertThatThrownBy(() -> AtomicFiles.move(hdfs, from, to)).isInstanceOf(IOException.class);
    assertThat(names("/move")).containsExactly("from", "to");
    assertThat(names("/move/to")).containsExactly("old");
  }

  @Test
  void a_file_is_replaced() throws IOException {
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(uri("/files/deep/a"));
    for (int i = 0; i < 2; i++) {
      byte[] content = {(byte) i};
      AtomicFiles.write(hdfs, file, out -> out.write(content));
      assertThat(hdfs.open(file).readAllBytes()).isEqualTo(content);
    }
    assertThat(names("/files/deep")).containsExactly("a");
  }

  @Test
  void checkpoints_are_kept_skipped_and_pruned() throws IOException {
    String folder = HadoopFiles.beside(uri("/models/kept"), ".checkpoints");
    assertThat(folder).isEqualTo(uri("/models/kept.checkpoints"));
    List<String> warnings = new ArrayList<>();
    CheckpointStore store = new CheckpointStore(folder, 2, warnings::add);
    store.prepare(uri("/models/kept"));
    assertThat(store.newest()).isEmpty();
    float[] params = new float[3000];
    for (int step = 1; step <= 4; step++) {
      params[2999] = step;
      store.write(step, new CheckpointFile.Content(Map.of(), Map.of("params", params)));
    }
    assertThat(names("/models/kept.checkpoints"))
        .containsExactly("round-000000000003.safetensors", "round-000000000004.safetensors");
    org.apache.hadoop.fs.Path newest =
        new org.apache.hadoop.fs.Path(folder, "round-000000000004.safetensors");
    assertThat(hdfs.truncate(newest, 1024)).isTrue();
    CheckpointStore.Found found = store.newest().orElseThrow();
    assertThat(found.file()).endsWith("/models/kept.checkpoints/round-000000000003.safetensors");
    assertThat(found.content().vectors().get("params")[2999]).isEqualTo(3);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("Skipped the checkpoint " + newest, "is cut off");
    store.clear();
    assertThat(hdfs.exists(new org.apache.hadoop.fs.Path(folder))).isFalse();
  }

  @Test
  void a_block_that_is_lost_costs_one_checkpoint() throws IOException {
    String folder = uri("/lost");
    List<String> warnings = new ArrayList<>();
    CheckpointStore store = new CheckpointStore(folder, 3, warnings::add);
    for (int step = 1; step <= 2; step++) {
      store.write(step, new CheckpointFile.Content(Map.of(), Map.of("params", new float[900])));
    }
    org.apache.hadoop.fs.Path newest =
        new org.apache.hadoop.fs.Path(folder, "round-000000000002.safetensors");
    int corrupted =
        cluster.corruptBlockOnDataNodes(DFSTestUtil.getFirstBlock(cluster.getFileSystem(), newest));
    assertThat(corrupted).isOne();
    assertThat(store.newest().orElseThrow().file()).endsWith("round-000000000001.safetensors");
    assertThat(warnings).singleElement().asString().contains("which cannot be read");
  }

  @Test
  void readers_of_a_registry_never_see_half_a_model_or_none() throws Exception {
    RegistryFolderTest.readWhilePromoting(uri("/registry"), 12);
    RegistryFolder models = RegistryFolder.at(uri("/registry"), "polled");
    assertThat(models.version(3)).isEqualTo(uri("/registry/polled/versions/000003"));
    assertThat(models.journal()).hasSize(12);
    assertThat(models.problems()).isEmpty();
    assertThatThrownBy(() -> models.adopt(models.version(1), 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has a version 2 already");
    models.remove(List.of(2, 3));
    assertThat(models.versions()).hasSize(10).startsWith(1, 4);
    assertThat(names("/registry/polled/versions")).hasSize(10);
  }

  @Test
  void of_those_who_know_that_a_run_is_dead_one_takes_over() throws Exception {
    org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(uri("/claims/out"));
    for (int round = 0; round < 3; round++) {
      OutputClaimTest.raceForDead(ClaimFiles.on(hdfs, out), 4);
      assertThat(names("/claims")).isEmpty();
    }
    OutputClaim mine = OutputClaim.take(out.toString());
    assertThat(names("/claims")).containsExactly(".out.unroll-claim");
    mine.requireMine();
    mine.close();
    assertThat(names("/claims")).isEmpty();
  }

  private static List<String> names(String folder) throws IOException {
    return Arrays.stream(hdfs.listStatus(new org.apache.hadoop.fs.Path(folder)))
        .map(status -> status.getPath().getName())
        .toList();
  }

  private static String problem(String input) {
    return catchThrowableOfType(
            InputException.class,
            () -> CorpusSpark.open(spark, List.of(uri(input)), Tokenizer.of("char")))
        .getMessage();
  }
}
