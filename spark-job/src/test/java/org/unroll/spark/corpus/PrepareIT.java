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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.UnrollRegistrator;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowHash;

/** Executors in processes of their own, one of which is killed while they prepare a corpus. */
@Timeout(300)
class PrepareIT {
  private static final long CHUNK_BYTES = 1 << 19;

  @TempDir Path folder;

  private SparkSession cluster() {
    return SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .appName("prepare")
        .config("spark.ui.enabled", "false")
        .config("spark.jars", System.getProperty("unroll.jar"))
        .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.kryo.registrationRequired", "true")
        .config("spark.kryo.registrator", UnrollRegistrator.class.getName())
        .getOrCreate();
  }

  private void run(SparkSession spark, String out, String unit, Kind kind) {
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    PrepareRequest request =
        CorpusSpark.request(folder.resolve("in"), folder.resolve(out), unit, 1000, kind);
    new PrepareJob(spark, request, new Terminal(silent, silent, false, 80), CHUNK_BYTES).run();
  }

  private Map<String, String> hashes(String out) throws IOException {
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

  private void writeText() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in"));
    Random random = new Random(1);
    for (int file = 0; file < 8; file++) {
      StringBuilder text = new StringBuilder();
      while (text.length() < 4 << 20) {
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

  @ParameterizedTest
  @CsvSource({"word,STREAM", "bpe,STREAM", "word,DOCUMENTS"})
  void a_killed_executor_changes_no_byte(String unit, Kind kind) throws Exception {
    writeText();
    SparkSession spark = cluster();
    try {
      run(spark, "whole", unit, kind);
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(() -> run(spark, "killed", unit, kind));
      killOneWhen(running, "/.killed.unroll-");
      killOneWhen(running, "/shards/.part-");
      running.get();
    } finally {
      spark.stop();
    }
    assertThat(hashes("killed")).isEqualTo(hashes("whole"));
  }

  /** Kills an executor as soon as a file of such a path is there, if the run is still going on. */
  private void killOneWhen(CompletableFuture<Void> running, String path) throws Exception {
    while (!running.isDone()) {
      if (exists(path) && !executors().isEmpty()) {
        executors().get(0).destroyForcibly();
        return;
      }
    }
  }

  private boolean exists(String path) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.anyMatch(file -> (file + "/").contains(path));
    } catch (UncheckedIOException e) {
      return false; // a file went away while it was listed
    }
  }

  @Test
  void the_cluster_changes_no_byte() throws Exception {
    writeText();
    SparkSession cluster = cluster();
    try {
      run(cluster, "cluster", "wordpunct", Kind.STREAM);
    } finally {
      cluster.stop();
    }
    SparkSession local =
        SparkSession.builder().master("local[3]").config("spark.ui.enabled", "false").getOrCreate();
    try {
      run(local, "local", "wordpunct", Kind.STREAM);
    } finally {
      local.stop();
    }
    assertThat(hashes("local")).isEqualTo(hashes("cluster"));
  }
}
