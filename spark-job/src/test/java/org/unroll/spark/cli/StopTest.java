// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.Main;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.GeneratedData;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.store.OutputClaim;
import org.unroll.spark.store.OutputFolder;

/** Commands in processes of their own that get a signal. */
@Timeout(1800)
class StopTest {
  /** With it a JVM takes options that only later ones know, as Spark's are. */
  private static final String LENIENT = "-XX:+IgnoreUnrecognizedVMOptions";

  @TempDir Path folder;
  private Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private void start(Class<?> main, String... words) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--") || argument.equals(LENIENT))
        .forEach(line::add);
    line.add("-Dlog4j2.configurationFile=" + System.getProperty("log4j2.configurationFile"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    line.addAll(List.of(words));
    process =
        new ProcessBuilder(line)
            .redirectOutput(folder.resolve("results").toFile())
            .redirectError(folder.resolve("notes").toFile())
            .start();
  }

  private String notes() throws IOException {
    return Files.readString(folder.resolve("notes"));
  }

  /** Waits for a word in the notes, and returns those that come behind a signal. */
  private String stopAt(String word) throws Exception {
    while (!notes().contains(word)) {
      assertThat(process.isAlive()).as(notes()).isTrue();
      Thread.sleep(20);
    }
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(notes()).isEqualTo(143);
    assertThat(notes()).doesNotContain("Exception", "\tat ", "ERROR", "WARN ");
    return notes().substring(notes().indexOf("unroll: Stopped"));
  }

  @Test
  void a_training_says_where_it_goes_on() throws Exception {
    Path input = Files.writeString(folder.resolve("a.txt"), "the sea is wide.\n".repeat(2000));
    String words =
        "train --task lm --master local[2] --hidden 8 --layers 1 --batch 4 --epochs 1000000 --input "
            + input
            + " --out "
            + folder.resolve("m");
    start(Main.class, words.split(" "));
    assertThat(stopAt("epoch 1/"))
        .matches(
            "unroll: Stopped by SIGTERM. The same command goes on from the checkpoint "
                + folder.resolve("m.checkpoints/round-")
                + "\\d+.safetensors\\.\n");
    assertThat(folder.toFile().list())
        .filteredOn(name -> !name.equals("m"))
        .containsExactlyInAnyOrder("a.txt", "m.checkpoints", "notes", "results");
  }

  @Test
  void what_a_job_has_not_finished_is_removed() throws Exception {
    start(Endless.class, folder.resolve("o").toString());
    assertThat(stopAt("working"))
        .isEqualTo("unroll: Stopped by SIGTERM. What was not finished is removed.\n");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("notes", "results");
  }

  /** Writes a folder by a Spark job that does not end. */
  static final class Endless {
    private Endless() {}

    public static void main(String... args) {
      Terminal terminal = Terminal.ofProcess();
      System.exit(Stop.unlessStopped(terminal, () -> run(terminal, args[0])));
    }

    private static int run(Terminal terminal, String out) {
      try (SparkRuntime spark = SparkRuntime.start("endless", "local[2]", false);
          OutputClaim ignored = OutputClaim.take(out)) {
        JavaSparkContext context =
            JavaSparkContext.fromSparkContext(spark.session().sparkContext());
        OutputFolder.free(out, false, GeneratedData.FOLDER)
            .write(
                unfinished -> {
                  unfinished.write("begun", to -> to.write(1));
                  terminal.note("working");
                  context
                      .parallelize(List.of(1, 2), 2)
                      .foreach(i -> Thread.sleep(TimeUnit.HOURS.toMillis(1)));
                },
                "Not written");
        return 0;
      } catch (RuntimeException e) {
        return new Failures(terminal, false).running("unroll", e);
      }
    }
  }
}
