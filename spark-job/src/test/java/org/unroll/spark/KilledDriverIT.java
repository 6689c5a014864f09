// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver in a process of its own that is killed in the middle of an epoch. */
@Timeout(3600)
class KilledDriverIT {
  private static final String TEXT = "the sea is wide, the ship is old, the night is long.\n";
  private static final int EVERY = 7;

  private static final String LM =
      "--hidden 64 --batch 16 --window 20 --dropout 0.2 --valid-fraction 0.1";
  private static final String TRANSLATE =
      "--task translate --unit wordpunct --attention additive --scheduled-sampling 0.5 --dropout 0.2"
          + " --hidden 16 --layers 1 --batch 16 --shards 4 --valid-fraction 0.1";

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void the_same_command_ends_with_the_same_bytes() throws Exception {
    Path input = Files.writeString(folder.resolve("sea.txt"), TEXT.repeat(800));
    String options = LM + " --input " + input;
    finish("undisturbed", options, "local[1]");
    long kept = 0;
    for (int kill = 0; kill < 2; kill++) {
      Process driver = start("killed", options, "local[2]");
      kept = awaitCheckpointAfter(kept + 3 * EVERY, driver);
      kill(driver.toHandle());
    }
    finish("killed", options, "local[2]");
    requireSame();
  }

  @Test
  void a_task_that_writes_loses_an_executor_and_then_its_driver() throws Exception {
    StringBuilder read = new StringBuilder();
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < 800; i++) {
      String words = "the ship " + i % 7 + " is".repeat(1 + i % 3) + " old";
      read.append(words).append('\n');
      written.append("alt ist das Schiff ").append(i % 7).append('\n');
    }
    String options =
        "%s --input %s --target %s"
            .formatted(
                TRANSLATE,
                Files.writeString(folder.resolve("ships.en"), read),
                Files.writeString(folder.resolve("ships.de"), written));
    finish("undisturbed", options, "local[1]");
    Process driver = start("killed", options, "local-cluster[2,1,1024]");
    long kept = awaitCheckpointAfter(EVERY, driver);
    kill(executors(driver).get(0));
    kept = awaitCheckpointAfter(kept + 3 * EVERY, driver);
    List<ProcessHandle> left = executors(driver);
    assertThat(left).as("another one has taken its place").hasSize(2);
    kill(driver.toHandle());
    for (ProcessHandle executor : left) {
      executor.onExit().get(5, TimeUnit.MINUTES);
    }
    finish("killed", options, "local[2]");
    requireSame();
  }

  /** Returns the executors of a driver that is a cluster itself. */
  private static List<ProcessHandle> executors(Process driver) {
    return driver
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("ExecutorBackend"))
        .toList();
  }

  private static void kill(ProcessHandle process) throws Exception {
    assertThat(process.destroyForcibly()).isTrue();
    process.onExit().get(5, TimeUnit.MINUTES);
  }

  /** Trains to the end. */
  private void finish(String out, String options, String master) throws Exception {
    Process process = start(out, options, master);
    assertThat(process.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(errors(out)).isZero();
  }

  private void requireSame() throws IOException {
    assertThat(errors("killed")).contains("Resuming after round ");
    assertThat(folder.resolve("killed/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/model.safetensors"));
    assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(3);
    assertThat(folder.resolve("killed.checkpoints")).doesNotExist();
  }

  private Process start(String out, String options, String master) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString());
    words.addAll(List.of("--class", "org.unroll.spark.Main", System.getProperty("unroll.jar")));
    words.addAll(List.of("train", "--master", master, "--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--conf", "spark.local.dir=" + folder));
    words.addAll(List.of("--out", folder.resolve(out).toString(), "--epochs", "3"));
    words.addAll(List.of("--checkpoint-every", Integer.toString(EVERY)));
    words.addAll(List.of(options.split(" ")));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve(out + ".errors").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    started.add(process);
    process.getOutputStream().close();
    return process;
  }

  private String errors(String out) throws IOException {
    return Files.readString(folder.resolve(out + ".errors"));
  }

  /** Waits for a checkpoint of this round or a later one; returns which it is. */
  private long awaitCheckpointAfter(long round, Process driver) throws Exception {
    Path checkpoints = folder.resolve("killed.checkpoints");
    while (true) {
      assertThat(driver.isAlive()).as("it is still training: " + errors("killed")).isTrue();
      Optional<Long> newest = newest(checkpoints);
      if (newest.isPresent() && newest.get() >= round) {
        return newest.get();
      }
      Thread.sleep(5);
    }
  }

  private static Optional<Long> newest(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("round-"))
          .map(name -> Long.valueOf(name.replaceAll("\\D", "")))
          .max(Comparator.naturalOrder());
    }
  }
}
