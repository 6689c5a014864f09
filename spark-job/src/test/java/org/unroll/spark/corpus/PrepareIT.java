// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.UnrollRegistrator;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rounds.LocalSpark;
import org.unroll.spark.rows.RowHash;

/** Executors in processes of their own, of which some are killed while they prepare a corpus. */
@Timeout(1800)
class PrepareIT {
  private static final int FILES = 8;
  private static final int FILE_CHARACTERS = 1 << 19;
  private static final long CHUNK_BYTES = 1 << 18;

  @TempDir static Path folder;

  private static SparkSession cluster;

  @BeforeAll
  static void start() throws IOException {
    writeText();
    SparkSession local =
        SparkSession.builder().master("local[3]").config("spark.ui.enabled", "false").getOrCreate();
    try {
      run(local, "local", "wordpunct", Kind.STREAM);
    } finally {
      local.stop();
    }
    SparkSession.Builder builder = SparkSession.builder();
    LocalSpark.SHORT_LIVED.forEach(builder::config);
    cluster =
        builder
            .master("local-cluster[2,1,1024]")
            .appName("prepare")
            .config("spark.ui.enabled", "false")
            .config("spark.jars", System.getProperty("unroll.jar"))
            .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "600s")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .config("spark.kryo.registrationRequired", "true")
            .config("spark.kryo.registrator", UnrollRegistrator.class.getName())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    cluster.stop();
  }

  private static void run(SparkSession spark, String out, String unit, Kind kind) {
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    PrepareRequest request =
        CorpusSpark.request(folder.resolve("in"), folder.resolve(out), unit, 1000, kind);
    new PrepareJob(spark, request, new Terminal(silent, silent, false, 80), CHUNK_BYTES).run();
  }

  private static Map<String, String> hashes(String out) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    Path corpus = folder.resolve(out);
    try (Stream<Path> files = Files.walk(corpus)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] digest = RowHash.digest().digest(Files.readAllBytes(file));
        hashes.put(corpus.relativize(file).toString(), HexFormat.of().formatHex(digest));
      }
    }
    return hashes;
  }

  private static void writeText() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Random random = new Random(1);
    for (int file = 0; file < FILES; file++) {
      StringBuilder text = new StringBuilder();
      while (text.length() < FILE_CHARACTERS) {
        text.append("w").append((int) Math.exp(random.nextDouble() * 10));
        text.append(random.nextInt(9) == 0 ? '\n' : ' ');
      }
      Files.writeString(in.resolve("part-" + file), text, StandardCharsets.UTF_8);
    }
  }

  /** Processes of executors, by what Spark calls their main class. */
  private static List<ProcessHandle> executors() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
        .toList();
  }

  @Test
  void the_cluster_changes_no_byte() throws Exception {
    run(cluster, "cluster", "wordpunct", Kind.STREAM);
    assertThat(hashes("cluster")).isEqualTo(hashes("local"));
  }

  @ParameterizedTest
  @CsvSource({"word,STREAM", "bpe,STREAM", "word,DOCUMENTS"})
  void a_killed_executor_changes_no_byte(String unit, Kind kind) throws Exception {
    String whole = unit + kind + "/whole";
    run(cluster, whole, unit, kind);
    String killed = unit + kind + "/killed";
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(() -> run(cluster, killed, unit, kind));
    Path beside = folder.resolve(killed).getParent();
    assertThat(killOneWhen(running, beside, "/.killed.unroll-")).as("killed as it began").isTrue();
    killOneWhen(running, beside, "/shards/.part-");
    running.get();
    assertThat(hashes(killed)).isEqualTo(hashes(whole));
  }

  /** Kills an executor as soon as such a path is there, if the run is still going on. */
  private static boolean killOneWhen(CompletableFuture<Void> running, Path beside, String path)
      throws IOException {
    while (!running.isDone()) {
      List<ProcessHandle> executors = executors();
      if (!executors.isEmpty() && exists(beside, path)) {
        return executors.get(0).destroyForcibly();
      }
    }
    return false;
  }

  private static boolean exists(Path beside, String path) throws IOException {
    try (Stream<Path> files = Files.walk(beside)) {
      return files.anyMatch(file -> (file + "/").contains(path));
    } catch (UncheckedIOException e) {
      return false; // a file went away while it was listed
    }
  }
}
