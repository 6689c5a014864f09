// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell;

/** A retraining in a process of its own that is killed while it trains and while it judges. */
@Timeout(3600)
class RetrainIT {
  private static final Path TICKETS = Shell.HOME.resolve("data-samples/tickets");

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  /** Says whether a run has come to where it is to be killed. */
  @FunctionalInterface
  private interface Phase {
    boolean isReached() throws IOException;
  }

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void the_same_command_ends_with_the_same_version() throws Exception {
    arrive(1);
    arrive(2);
    runUndisturbed();
    FileUtils.copyDirectory(
        folder.resolve("undisturbed").toFile(), folder.resolve("killed").toFile());
    arrive(3);
    runUndisturbed();

    Path work = tickets("killed").resolve("work");
    Path checkpoints = work.resolve("model.checkpoints");
    killWhen("local[2]", () -> files(checkpoints).anyMatch(name -> name.startsWith("round-")));
    assertThat(work.resolve("plan.json")).exists();
    killWhen(
        "local[2]",
        () -> Files.exists(work.resolve("model/config.json")) && !Files.exists(checkpoints));
    assertThat(files(tickets("killed").resolve("journal"))).as("it was not over").hasSize(1);

    Process driver = start("local-cluster[2,1,1024]");
    assertThat(driver.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(driver.exitValue()).as(errors()).isZero();
    assertThat(errors()).contains("Going on with the run of ");
    String model = "versions/000002/model.safetensors";
    assertThat(tickets("killed").resolve(model))
        .hasSameBinaryContentAs(tickets("undisturbed").resolve(model));
    Shell.Outcome verified =
        Shell.run(
            ("registry verify --name tickets --registry " + folder.resolve("killed")).split(" "));
    assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
    assertThat(work).doesNotExist();
  }

  private void arrive(int day) throws IOException {
    String name = "day=2026-11-%02d".formatted(day);
    FileUtils.copyDirectory(
        TICKETS.resolve(name).toFile(), folder.resolve("in").resolve(name).toFile());
  }

  private Path tickets(String registry) {
    return folder.resolve(registry).resolve("tickets");
  }

  private static Stream<String> files(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(place)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  /** Runs to the end in this process, whose Spark is started sooner. */
  private void runUndisturbed() {
    Shell.Outcome outcome = Shell.run(words("undisturbed", "local[1]").toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private void killWhen(String master, Phase phase) throws Exception {
    Process driver = start(master);
    while (!phase.isReached()) {
      assertThat(driver.isAlive()).as("it still works: " + errors()).isTrue();
      Thread.sleep(5);
    }
    driver.destroyForcibly();
    assertThat(driver.waitFor()).as("killed by a signal").isEqualTo(128 + 9);
  }

  private List<String> words(String registry, String master) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("retrain", "--master", master, "--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--conf", "spark.local.dir=" + folder));
    words.addAll(List.of("--registry", folder.resolve(registry).toString(), "--name", "tickets"));
    words.addAll(List.of("--input", folder.resolve("in").toString(), "--lock-expiry", "10"));
    words.addAll(List.of("@" + Shell.HOME.resolve("conf/tickets.args"), "--epochs", "40"));
    words.addAll(List.of("--checkpoint-every", "5"));
    return words;
  }

  private Process start(String master) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString());
    words.addAll(List.of("--class", "org.unroll.spark.Main", System.getProperty("unroll.jar")));
    words.addAll(words("killed", master));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("killed.errors").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    started.add(process);
    process.getOutputStream().close();
    return process;
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("killed.errors"));
  }
}
