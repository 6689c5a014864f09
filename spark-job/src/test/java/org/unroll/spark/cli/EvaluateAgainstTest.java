// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** A model against another, and what rows part by a column say of both. */
class EvaluateAgainstTest {
  private static final String[] LANDS = {"de", "de", "fr", ""};

  @TempDir static Path home;

  @BeforeAll
  static void train() throws IOException {
    Random random = new Random(3);
    StringBuilder rows = new StringBuilder("label\tland\ttext\n");
    for (int i = 0; i < 1200; i++) {
      boolean up = random.nextInt(3) > 0;
      boolean clear = i % 4 != 2 || random.nextBoolean();
      rows.append(up ? "up\t" : "down\t").append(LANDS[i % 4]).append('\t');
      rows.append(up == clear ? "high so" : "low so").append('\n');
    }
    Files.writeString(home.resolve("rows.tsv"), rows);
    Files.writeString(home.resolve("both.tsv"), "label\tverdict\ttext\nup\tx\thigh\n");
    Files.writeString(home.resolve("other.tsv"), "verdict\ttext\n" + "x\thigh\ny\tlow\n".repeat(9));
    Files.writeString(home.resolve("text.txt"), "ab ab ba ".repeat(200));
    train("old", "classify", "rows.tsv", "--epochs 1 --lr 0.00001");
    train("new", "classify", "rows.tsv", "--epochs 2 --lr 0.05");
    train("verdict", "classify", "other.tsv", "--label verdict --epochs 1");
    train("lm-old", "lm", "text.txt", "--epochs 1 --window 8");
    train("lm-new", "lm", "text.txt", "--epochs 4 --window 8");
  }

  private static void train(String out, String task, String input, String more) {
    Outcome outcome =
        shell(
            "train --task %s --input %s --out %s --hidden 4 --layers 1 --batch 20 %s"
                .formatted(task, home.resolve(input), home.resolve(out), more));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static Outcome shell(String words) {
    return Shell.run(
        (words.contains("--master") ? words : words + " --master local[1]").split(" +"));
  }

  private static String evaluate(String model, String input, String more) {
    return "evaluate --model %s --input %s %s"
        .formatted(home.resolve(model), home.resolve(input), more.replace("DIR", home.toString()));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private static void assertRefused(String words, String... told) {
    Outcome outcome = shell(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(told).doesNotContain("\tat ", "Exception");
  }

  @Test
  void both_scores_and_their_difference_are_told_by_label_and_slice() throws IOException {
    String words = evaluate("new", "rows.tsv", "--against DIR/old --slice land --json");
    JsonNode figures = json(shell(words));
    assertThat(json(shell(words + " --master local[2]"))).isEqualTo(figures);

    JsonNode alone = json(shell(evaluate("old", "rows.tsv", "--json")));
    assertThat(figures.at("/against/accuracy")).isEqualTo(alone.get("accuracy"));
    assertThat(figures.at("/against/loss")).isEqualTo(alone.get("loss"));
    JsonNode comparison = figures.get("comparison");
    assertThat(comparison.get("measure").textValue()).isEqualTo("accuracy");
    Map<String, JsonNode> parts = new TreeMap<>();
    comparison.get("parts").forEach(part -> parts.put(part.get("name").textValue(), part));
    assertThat(parts).containsOnlyKeys("all", "down", "up", "land=de", "land=fr", "land=(missing)");
    assertThat(parts.get("land=de").get("rows").intValue()).isEqualTo(600);
    assertThat(parts.get("land=(missing)").get("rows").intValue()).isEqualTo(300);
    JsonNode all = parts.get("all");
    assertThat(all.get("b")).isEqualTo(figures.get("accuracy"));
    assertThat(all.get("difference").doubleValue())
        .isCloseTo(all.get("b").doubleValue() - all.get("a").doubleValue(), within(1e-12))
        .isBetween(all.get("low").doubleValue(), all.get("high").doubleValue());
    assertThat(parts.get("land=fr").get("difference").doubleValue())
        .as("there words say less")
        .isLessThan(parts.get("land=de").get("difference").doubleValue());

    JsonNode wider =
        json(shell(evaluate("new", "rows.tsv", "--against DIR/old --confidence 0.99 --json")));
    assertThat(wider.at("/comparison/parts/0/low").doubleValue())
        .isLessThan(all.get("low").doubleValue());
    assertThat(shell(evaluate("new", "rows.tsv", "--against DIR/old")).out())
        .contains("against", "gain", "95 % interval", "Compared by accuracy", "F1 of label down");
  }

  @Test
  void texts_are_compared_by_their_loss() throws IOException {
    JsonNode figures =
        json(shell(evaluate("lm-new", "text.txt", "--against DIR/lm-old --batch 30 --json")));
    JsonNode all = figures.at("/comparison/parts/0");
    assertThat(figures.at("/comparison/measure").textValue()).isEqualTo("minus_loss");
    assertThat(all.get("a").doubleValue())
        .isCloseTo(-figures.at("/against/loss").doubleValue(), within(1e-12));
    assertThat(all.get("low").doubleValue()).isPositive();
    assertThat(json(shell(evaluate("lm-old", "text.txt", "--batch 30 --json"))).get("loss"))
        .isEqualTo(figures.at("/against/loss"));
  }

  @Test
  void what_cannot_be_compared_is_refused() {
    assertRefused(evaluate("new", "rows.tsv", "--slice land"), "--slice", "--against");
    assertRefused(
        evaluate("new", "rows.tsv", "--against DIR/old --slice nowhere"),
        "no column 'nowhere' (--slice)",
        "label, land, text");
    assertRefused(
        evaluate("new", "rows.tsv", "--against DIR/lm-old"), "different tasks", "classify", "lm");
    assertRefused(
        evaluate("new", "rows.tsv", "--against DIR/verdict"),
        "The model of --against",
        "'verdict'");
    assertRefused(evaluate("new", "both.tsv", "--against DIR/verdict"), "label", "verdict");
    assertRefused(
        evaluate("lm-new", "text.txt", "--against DIR/lm-old --slice a"), "--slice says nothing");
    assertRefused(
        evaluate("new", "rows.tsv", "--against DIR/old --confidence 95"), "--confidence", "less");
    assertRefused(evaluate("new", "rows.tsv", "--against DIR/none"), "none");
  }
}
