// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.unroll.spark.cli.Shell;

/**
 * A Spark as notebooks have it, which knows nothing of our classes, and commands beside it, which
 * stop it.
 */
abstract class MlSpark {
  /** Returns the session, started anew if a command has stopped it. */
  static SparkSession spark() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("ml")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark().stop();
  }

  /** Runs a command that must succeed. */
  static void command(String words) {
    Shell.Outcome outcome = Shell.run((words + " --master local[2]").split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  /** Returns what predict wrote as lines of JSON, in their order. */
  static List<JsonNode> answers(Path folder) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> answers = new ArrayList<>();
    try (Stream<Path> parts = Files.list(folder)) {
      for (Path part : parts.filter(p -> p.toString().matches(".*\\.jsonl?")).sorted().toList()) {
        for (String line : Files.readAllLines(part)) {
          answers.add(json.readTree(line));
        }
      }
    }
    return answers;
  }

  /** Returns the one file or folder in a folder whose name begins with something. */
  static Path only(Path in, String begin) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(begin)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  /** Returns the numbers of a list, which have as many digits as a float has. */
  static double[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(number -> Float.parseFloat(number.asText()))
        .toArray();
  }

  /** Returns the bytes of the parameters in a model folder. */
  static byte[] parameters(Path model) {
    try {
      return Files.readAllBytes(model.resolve("model.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
