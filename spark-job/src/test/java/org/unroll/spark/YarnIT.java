// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell;

/** Trainings on YARN, whose containers are killed: all models are that of one worker in here. */
@Timeout(3600)
class YarnIT {
  private static final String TEXT = "/sea.txt";
  private static final String LINE = "the sea is wide, the ship is old, the night is long.\n";
  private static final int EVERY = 4;
  private static final String EXECUTOR = "YarnCoarseGrainedExecutorBackend";
  private static final String MASTER = "ApplicationMaster";

  @TempDir static Path folder;
  private static YarnCluster cluster;
  private static byte[] expected;

  @BeforeAll
  static void start() throws Exception {
    // Where Hadoop's small clusters keep their files.
    System.setProperty("test.build.data", folder.resolve("yarn").toString());
    cluster = new YarnCluster(folder);
    try (OutputStream out = cluster.files().create(path(TEXT))) {
      out.write(LINE.repeat(400).getBytes(StandardCharsets.UTF_8));
    }
    List<String> alone = train(cluster.uri(TEXT), cluster.uri("/alone"));
    alone.addAll(List.of("--master", "local[1]", "--conf", "spark.ui.enabled=false"));
    Shell.Outcome outcome = Shell.run(alone.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    expected = model("/alone");
  }

  @AfterAll
  static void stop() {
    cluster.close();
    System.clearProperty("test.build.data");
    // A command in this process leaves its settings in it.
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("spark."));
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(name);
  }

  private static List<String> train(String input, String out) {
    List<String> words = new ArrayList<>(List.of("train", "--task", "lm", "--input", input));
    words.addAll(List.of("--out", out));
    words.addAll(
        List.of(
            ("--valid-fraction 0.1 --hidden 64 --batch 16 --window 20 --dropout 0.2 --epochs 2"
                    + " --shards 2")
                .split(" ")));
    return words;
  }

  private static byte[] model(String out) throws IOException {
    try (InputStream in = cluster.files().open(path(out + "/model.safetensors"))) {
      return in.readAllBytes();
    }
  }

  @Test
  void a_driver_outside_goes_on_when_a_container_is_killed() throws Exception {
    // In one machine they would share memory.
    Process driver = submit("client", "/client", "spark.unroll.shared.memory=false");
    awaitCheckpoint("/client", driver);
    List<ProcessHandle> executors = cluster.containers(EXECUTOR);
    assertThat(executors).hasSize(2);
    kill(executors.get(0));
    requireExpected("/client", driver);
    assertThat(errors("/client")).contains("was lost in round ").contains(", resident");
  }

  @Test
  void an_application_master_that_is_killed_goes_on_from_its_checkpoint() throws Exception {
    Process waiting = submit("cluster", "/cluster");
    awaitCheckpoint("/cluster", waiting);
    List<ProcessHandle> masters = cluster.containers(MASTER);
    assertThat(masters).as("with the driver in it").hasSize(1);
    kill(masters.get(0));
    requireExpected("/cluster", waiting);
    assertThat(cluster.logs())
        .filteredOn(log -> log.contains("Resuming after round "))
        .singleElement()
        .asString()
        .contains("hdfs://", "/cluster.checkpoints/round-");
  }

  @Test
  void rounds_that_are_jobs_go_on_with_executors_that_are_asked_for_anew() throws Exception {
    Process driver =
        submit(
            "client",
            "/dynamic",
            "spark.dynamicAllocation.enabled=true",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "spark.dynamicAllocation.initialExecutors=1",
            "spark.dynamicAllocation.minExecutors=1",
            "spark.dynamicAllocation.maxExecutors=2");
    awaitCheckpoint("/dynamic", driver);
    List<ProcessHandle> executors = cluster.containers(EXECUTOR);
    assertThat(executors).hasSizeBetween(1, 2);
    for (ProcessHandle executor : executors) {
      kill(executor);
    }
    requireExpected("/dynamic", driver);
    assertThat(errors("/dynamic")).contains("a Spark job a round", "Lost executor 1 ");
  }

  private static Process submit(String mode, String out, String... settings) throws IOException {
    List<String> options = new ArrayList<>();
    for (String setting : settings) {
      options.addAll(List.of("--conf", setting));
    }
    List<String> command = train(TEXT, out);
    command.addAll(List.of("--checkpoint-every", "" + EVERY));
    if (out.equals("/dynamic")) {
      command.addAll(List.of("--rounds", "job"));
    } else {
      options.addAll(List.of("--num-executors", "2"));
    }
    return cluster.submit(mode, options, command, folder.resolve(out.substring(1) + ".errors"));
  }

  private static String errors(String out) throws IOException {
    return Files.readString(folder.resolve(out.substring(1) + ".errors"));
  }

  /**
   * Waits for a training's first checkpoint. Every other one takes the name node, which is in this
   * process, as long as looking for it does: so there is time for what comes next.
   */
  private static void awaitCheckpoint(String out, Process submitted) throws Exception {
    while (cluster.files().globStatus(path(out + ".checkpoints/round-*")).length == 0) {
      assertThat(submitted.isAlive()).as("it is still training: " + errors(out)).isTrue();
      Thread.sleep(5);
    }
  }

  /** Kills as the node manager does when a container has more memory than it was given. */
  private static void kill(ProcessHandle process) throws Exception {
    assertThat(process.destroyForcibly()).isTrue();
    process.onExit().get(5, TimeUnit.MINUTES);
  }

  private static void requireExpected(String out, Process submitted) throws Exception {
    assertThat(submitted.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(submitted.exitValue()).as(errors(out) + cluster.logs()).isZero();
    assertThat(model(out)).isEqualTo(expected);
    assertThat(cluster.files().exists(path(out + ".checkpoints"))).isFalse();
  }
}
