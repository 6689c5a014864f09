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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell;

/** A driver in a process of its own that is killed in the middle of an epoch. */
@Timeout(3600)
class KilledDriverIT {
  private static final String TEXT = "the sea is wide, the ship is old, the night is long.\n";
  private static final int EVERY = 7;
  private static final int EPOCHS = 4;

  private static final String LM =
      "--task lm --input FOLDER/sea.txt --valid-fraction 0.1 --hidden 64 --batch 16 --window 20";
  private static final String TRANSLATE =
      "--task translate --input FOLDER/ships.en --target FOLDER/ships.de --valid-fraction 0.1"
          + " --unit wordpunct --attention additive --scheduled-sampling 0.5 --hidden 16 --layers 1"
          + " --shards 4 --batch 16";
  private static final String CAPTION =
      "--task caption --input SAMPLES/drawings/train.jsonl --valid SAMPLES/drawings/valid.jsonl"
          + " --label captions --attention additive --bridge zero --hidden 16 --layers 1"
          + " --shards 4 --batch 8";
  private static final String EXECUTE =
      "--task execute --input SAMPLES/additions/train.jsonl --valid SAMPLES/additions/valid.jsonl"
          + " --text program --label answer --reverse --attention none --wire bf16 --hidden 16"
          + " --shards 4 --batch 16";

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("sea.txt"), TEXT.repeat(800));
    StringBuilder read = new StringBuilder();
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < 800; i++) {
      String words = "the ship " + i % 7 + " is".repeat(1 + i % 3) + " old";
      read.append(words).append('\n');
      written.append("alt ist das Schiff ").append(i % 7).append('\n');
    }
    Files.writeString(folder.resolve("ships.en"), read);
    Files.writeString(folder.resolve("ships.de"), written);
  }

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
    // A command in this process leaves its settings in it.
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("spark."));
  }

  @Test
  void the_same_command_ends_with_the_same_bytes() throws Exception {
    long kept = 0;
    for (int kill = 0; kill < 2; kill++) {
      Process driver = start(LM, "local[2]");
      kept = awaitCheckpointAfter(kept + 3 * EVERY, driver);
      kill(driver.toHandle());
    }
    assertThat(errors()).as("the second time").contains("Resuming after round ");
    requireSameAsUndisturbed(LM);
  }

  @ParameterizedTest
  @ValueSource(strings = {TRANSLATE, CAPTION, EXECUTE})
  void a_task_that_writes_loses_an_executor_and_then_its_driver(String options) throws Exception {
    Process driver = start(options, "local-cluster[2,1,1024]");
    long kept = awaitCheckpointAfter(EVERY, driver);
    kill(executors(driver).get(0));
    kept = awaitCheckpointAfter(kept + 3 * EVERY, driver);
    List<ProcessHandle> left = executors(driver);
    assertThat(left).as("another one has taken its place").hasSize(2);
    kill(driver.toHandle());
    for (ProcessHandle executor : left) {
      executor.onExit().get(5, TimeUnit.MINUTES);
    }
    requireSameAsUndisturbed(options);
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

  /** Trains what was killed to its end and another to its, both in this process. */
  private void requireSameAsUndisturbed(String options) throws IOException {
    assertThat(finish("killed", options, "local[2]")).contains("Resuming after round ");
    assertThat(finish("undisturbed", options, "local[1]")).doesNotContain("Resuming");
    assertThat(folder.resolve("killed/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/model.safetensors"));
    assertThat(Files.readAllLines(folder.resolve("killed/metrics.jsonl"))).hasSize(EPOCHS);
    assertThat(folder.resolve("killed.checkpoints")).doesNotExist();
  }

  private String finish(String out, String options, String master) {
    Shell.Outcome outcome = Shell.run(words(out, options, master).toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome.err();
  }

  private List<String> words(String out, String options, String master) {
    List<String> words = new ArrayList<>(List.of("train", "--master", master));
    words.addAll(List.of("--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--conf", "spark.local.dir=" + folder));
    words.addAll(List.of("--out", folder.resolve(out).toString(), "--epochs", "" + EPOCHS));
    words.addAll(List.of("--dropout", "0.2", "--checkpoint-every", "" + EVERY));
    String samples = Shell.HOME.resolve("data-samples").toString();
    String placed = options.replace("FOLDER", folder.toString()).replace("SAMPLES", samples);
    words.addAll(List.of(placed.split(" ")));
    return words;
  }

  private Process start(String options, String master) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString());
    words.addAll(List.of("--class", "org.unroll.spark.Main", System.getProperty("unroll.jar")));
    words.addAll(words("killed", options, master));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("errors").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    started.add(process);
    process.getOutputStream().close();
    return process;
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  /** Waits for a checkpoint of this round or a later one; returns which it is. */
  private long awaitCheckpointAfter(long round, Process driver) throws Exception {
    Path checkpoints = folder.resolve("killed.checkpoints");
    while (true) {
      assertThat(driver.isAlive()).as("it is still training: " + errors()).isTrue();
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
