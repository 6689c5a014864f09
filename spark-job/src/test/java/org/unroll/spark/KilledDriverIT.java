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

/** A driver in a process of its own that is killed in the middle of an epoch, twice. */
@Timeout(3600)
class KilledDriverIT {
  private static final String TEXT = "the sea is wide, the ship is old, the night is long.\n";
  private static final int EVERY = 7;

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void the_same_command_ends_with_the_same_bytes() throws Exception {
    Path input = Files.writeString(folder.resolve("sea.txt"), TEXT.repeat(800));
    Process undisturbed = start(input, "undisturbed", "local[1]");
    assertThat(undisturbed.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(undisturbed.exitValue()).as(errors("undisturbed")).isZero();

    long kept = 0;
    for (int kill = 0; kill < 2; kill++) {
      Process driver = start(input, "killed", "local[2]");
      kept = awaitCheckpointAfter(kept + 3 * EVERY, driver);
      driver.destroyForcibly();
      assertThat(driver.waitFor()).as("killed by a signal").isEqualTo(128 + 9);
    }
    Process last = start(input, "killed", "local[2]");
    assertThat(last.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(last.exitValue()).as(errors("killed")).isZero();

    assertThat(errors("killed")).contains("Resuming after round ");
    assertThat(folder.resolve("killed/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/model.safetensors"));
    assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(3);
    assertThat(folder.resolve("killed.checkpoints")).doesNotExist();
  }

  private Process start(Path input, String out, String master) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString());
    words.addAll(List.of("--class", "org.unroll.spark.Main", System.getProperty("unroll.jar")));
    words.addAll(List.of("train", "--master", master, "--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--conf", "spark.local.dir=" + folder, "--input", input.toString()));
    words.addAll(List.of("--out", folder.resolve(out).toString(), "--valid-fraction", "0.1"));
    words.addAll(List.of("--hidden", "64", "--batch", "16", "--window", "20", "--epochs", "3"));
    words.addAll(List.of("--dropout", "0.2", "--checkpoint-every", Integer.toString(EVERY)));
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
