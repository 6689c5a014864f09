// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Json;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.Drift.Snapshot;

/** What data are like, counted by hand. */
class DriftTest {
  private static final double TINY = 1e-12;

  @TempDir static Path home;

  @BeforeAll
  static void train() throws IOException {
    write("words.tsv", "label\ttext\n" + "up\thigh up\ndown\tlow\n".repeat(4));
    write("later.tsv", "label\ttext\nup\thigh sky is up\nup\thigh moon\nside\tlow low low\n");
    write(
        "numbers.jsonl",
        "{\"label\":\"a\",\"features\":[[1,5],[3,5]]}\n{\"label\":\"b\",\"features\":[[2,5]]}\n");
    write("moved.jsonl", "{\"label\":\"a\",\"features\":[[5,5],[5,7]]}\n");
    write("text.txt", "ab ab ba ".repeat(40));
    write("other.txt", "ab cc");
    train("words", "--task classify --input " + home.resolve("words.tsv"));
    train("numbers", "--task classify --input " + home.resolve("numbers.jsonl"));
    // Held-out text has a character that is learnt as an unknown one.
    train(
        "text",
        "--task lm --window 8 --batch 2 --input %s --valid %s"
            .formatted(home.resolve("text.txt"), home.resolve("other.txt")));
  }

  private static void write(String name, String text) throws IOException {
    Files.writeString(home.resolve(name), text);
  }

  private static void train(String out, String words) {
    Shell.Outcome outcome =
        Shell.run(
            ("train " + words + " --hidden 4 --layers 1 --epochs 1 --master local[1] --out ")
                .concat(home.resolve(out).toString())
                .split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static TaskModel model(String name) {
    return TaskModel.of(ModelStore.read(home.resolve(name).toString()));
  }

  private static RowsInput input(String name) {
    return RowsInput.of(List.of(home.resolve(name).toString()));
  }

  private static Snapshot snapshot(SparkRuntime spark, String model, String data, boolean labels) {
    TaskModel reads = model(model);
    try (RowSet rows = reads.open(spark.session(), input(data), ColumnChoice.USUAL_TEXT, labels)) {
      return Snapshot.of(spark.session(), reads, rows);
    }
  }

  private static SparkRuntime spark(int cores) {
    return SparkRuntime.start("drift", "local[" + cores + "]", false);
  }

  @Test
  void snapshots_have_lengths_unknown_tokens_labels_and_channels() throws IOException {
    Snapshot words;
    try (SparkRuntime spark = spark(1)) {
      words = snapshot(spark, "words", "later.tsv", true);
      assertThat(words.rows()).isEqualTo(3);
      assertThat(words.steps()).isEqualTo(9);
      assertThat(words.meanLength()).isEqualTo(3);
      assertThat(words.medianLength()).isEqualTo(3);
      assertThat(words.maxLength()).isEqualTo(4);
      assertThat(words.unknownRate()).as("sky, is, moon").isCloseTo(3 / 9.0, within(TINY));
      assertThat(words.labels())
          .containsExactly(Map.entry("up", 2 / 3.0), Map.entry("side", 1 / 3.0));
      assertThat(words.otherLabels()).isZero();
      assertThat(words.means()).isEmpty();
      assertThat(snapshot(spark, "words", "later.tsv", false).labels()).isEmpty();

      Snapshot numbers = snapshot(spark, "numbers", "numbers.jsonl", true);
      assertThat(numbers.unknownRate()).isNull();
      assertThat(numbers.means()).containsExactly(2.0, 5.0);
      assertThat(numbers.deviations()).containsExactly(Math.sqrt(2 / 3.0), 0.0);

      Snapshot text =
          Snapshot.ofText(
              spark.session(), model("text"), input("other.txt"), ColumnChoice.USUAL_TEXT);
      assertThat(text.unknownRate()).isCloseTo((double) 2 / text.steps(), within(TINY));
      assertThat(text.rows()).isNull();

      for (Snapshot one : List.of(words, numbers, text)) {
        Map<?, ?> read = new ObjectMapper().readValue(Json.line(one.figures()), Map.class);
        Map<String, Object> fields = new HashMap<>();
        read.forEach((name, value) -> fields.put((String) name, value));
        assertThat(Snapshot.from(fields, "registry")).isEqualTo(one);
      }
    }
    try (SparkRuntime spark = spark(2)) {
      assertThat(snapshot(spark, "words", "later.tsv", true)).isEqualTo(words);
    }
  }

  @Test
  void what_moved_is_told_by_how_much_it_moved() {
    try (SparkRuntime spark = spark(1)) {
      Snapshot before = snapshot(spark, "words", "words.tsv", true);
      Drift drift = Drift.between(before, snapshot(spark, "words", "later.tsv", true));
      assertThat(drift.figures())
          .containsOnlyKeys("unknown_rate", "mean_length", "label_change", "label_distance");
      assertThat(drift.figures().get("unknown_rate")).isCloseTo(3 / 9.0, within(TINY));
      assertThat(drift.figures().get("mean_length")).isEqualTo(1);
      // down from 1/2 to nothing, up from 1/2 to 2/3, side from nothing to 1/3.
      assertThat(drift.figures().get("label_change")).isCloseTo(0.5, within(TINY));
      assertThat(drift.figures().get("label_distance")).isCloseTo(0.5, within(TINY));
      assertThat(drift.sentences())
          .containsExactly(
              "The model does not know 33.33 % of the tokens, instead of 0.00 %.",
              "Rows are longer: they have 3 steps on average, instead of 1.5.",
              "Labels occur in other shares, 50.00 % of them in all: 'down' has 0.00 %, instead of"
                  + " 50.00 %.");
      assertThat(Drift.between(before, before).sentences()).isEmpty();
      assertThat(Drift.between(before, before).figures().values()).containsOnly(0.0);

      Snapshot numbers = snapshot(spark, "numbers", "numbers.jsonl", true);
      Drift moved = Drift.between(numbers, snapshot(spark, "numbers", "moved.jsonl", true));
      assertThat(moved.figures().get("channel_shift"))
          .isCloseTo(3 / Math.sqrt(2 / 3.0), within(TINY));
      assertThat(moved.sentences().get(0))
          .isEqualTo("Channel 1 is 5 on average, instead of 2: 3.67 deviations away.");
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(() -> Drift.between(before, numbers))
          .withMessageContainingAll("2 channels", "0 before");
    }
  }

  @Test
  void a_snapshot_that_is_damaged_names_its_field() {
    Map<String, Object> figures =
        new HashMap<>(
            new Snapshot(1L, 2, 2.0, 2L, 2L, null, Map.of(), 0, List.of(), List.of()).figures());
    figures.put("steps", "many");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Snapshot.from(figures, "registry"))
        .withMessageContainingAll("registry", "steps");
  }
}
