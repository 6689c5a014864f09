// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** What is shown of the inside of networks: of a language model, a classifier, and of no model. */
class InspectCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static Outcome run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.replaceAll(word -> word.replace("IN/", folder + "/"));
    return Shell.run(all.toArray(String[]::new));
  }

  private static Outcome words(String words) {
    return run(words.split(" +"));
  }

  private static JsonNode json(String... words) throws IOException {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return JSON.readTree(outcome.lastLine());
  }

  @BeforeAll
  static void trainModels() throws IOException {
    Files.writeString(
        folder.resolve("sea.txt"), "The <sea> is \"wide\", and old.\nShips (two) go.\n".repeat(60));
    String small = " --hidden 6 --layers 2 --epochs 1 --master local[1] --shards 1";
    for (String cell : List.of("lstm", "gru", "rnn")) {
      Outcome outcome =
          words(
              "train --task lm --input IN/sea.txt --valid-fraction 0 --batch 4 --window 10 --cell "
                  + (cell + " --out IN/" + cell + small));
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    }
    Files.writeString(folder.resolve("rows.tsv"), "label\ttext\na\tx y\nb\ty z\na\tx\nb\tz\n");
    Outcome outcome =
        words(
            "train --task classify --text text --label label --bidirectional --input IN/rows.tsv"
                + " --out IN/classes"
                + small);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  @Test
  void gates_of_every_cell_are_told_and_drawn() throws IOException {
    for (String cell : List.of("lstm", "gru", "rnn")) {
      String page = folder + "/" + cell + ".html";
      String model = "IN/" + cell;
      JsonNode told =
          json(
              "inspect",
              "gates",
              "--model",
              model,
              "--input",
              "IN/sea.txt",
              "--out",
              page,
              "--json");
      // What stands before the first line is the end of another.
      assertThat(told.get("tokens").asInt()).isEqualTo(46 * 60 + 1);
      assertThat(told.get("layers")).hasSize(2);
      JsonNode layer = told.get("layers").get(0);
      assertThat(layer.get("layer").asText()).isEqualTo("layer 1");
      assertThat(layer.get("units").asInt()).isEqualTo(6);
      for (JsonNode habit : layer.get("habits")) {
        assertThat(habit.get("units").asInt()).isBetween(0, 6);
        assertThat(habit.get("share").asDouble()).isBetween(0.0, 1.0);
      }
      for (JsonNode follower : told.get("followers")) {
        assertThat(Math.abs(follower.get("correlation").asDouble())).isBetween(0.3, 1.0);
        assertThat(follower.get("unit").asInt()).isBetween(0, 5);
      }
      String html = Files.readString(Path.of(page));
      assertThat(html)
          .contains("<i>&lt;</i>", "layer 2: 6 ", "data:image/png")
          .doesNotContain("<sea>");
      assertThat(html).doesNotContain("<script", "http://", "https://");
    }
    assertThat(Files.readString(folder.resolve("lstm.html")))
        .contains(
            "input gate", "forget gate", "output gate", "cell", "keep (forget gate above 0.9)");
    assertThat(Files.readString(folder.resolve("gru.html"))).contains("update gate", "reset gate");
    assertThat(Files.readString(folder.resolve("rnn.html"))).doesNotContain("gate above");
  }

  @Test
  void a_classifier_that_reads_both_ways_is_shown_with_its_words() throws IOException {
    Outcome outcome =
        run("inspect", "gates", "--model", "IN/classes", "--text", "x y z", "--out", "IN/c.html");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(Files.readString(folder.resolve("c.html")))
        .contains("layer 1, from the end", "layer 2: 6 LSTM units", "<i>x</i>");
  }

  @Test
  void gradients_of_elman_networks_vanish_orders_before_those_of_lstms() throws IOException {
    JsonNode told = json("inspect", "gradients", "--hidden", "64", "--out", "IN/g.html", "--json");
    double[] left = new double[4];
    for (int i = 0; i < 4; i++) {
      JsonNode network = told.get("networks").get(i);
      left[i] = network.get("ratio").asDouble();
      assertThat(network.get("norms")).hasSize(50);
      assertThat(network.get("clipped_norm").asDouble()).isLessThanOrEqualTo(1);
    }
    assertThat(told.get("networks").get(0).get("name").asText()).isEqualTo("Elman, tanh");
    assertThat(told.get("networks").get(3).get("name").asText()).isEqualTo("LSTM");
    assertThat(left[0]).isLessThan(1e-3 * left[3]);
    JsonNode exploding = told.get("scaled").get(1);
    assertThat(exploding.get("ratio").asDouble()).isGreaterThan(1e3);
    assertThat(exploding.get("gradient_norm").asDouble()).isGreaterThan(1);
    assertThat(exploding.get("clipped_norm").asDouble()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("g.html")))
        .contains("Elman, tanh", "Recurrent weights times 4");
    assertThat(json("inspect", "gradients", "--hidden", "64", "--json")).isEqualTo(without(told));
  }

  private static JsonNode without(JsonNode told) {
    ((ObjectNode) told).remove("page");
    return told;
  }

  @Test
  void gradients_of_a_language_model_are_those_over_its_text() throws IOException {
    JsonNode told =
        json(
            "inspect",
            "gradients",
            "--model",
            "IN/gru",
            "--input",
            "IN/sea.txt",
            "--steps",
            "12",
            "--hidden",
            "4",
            "--json");
    assertThat(told.get("model").get(0).get("norms")).hasSize(12);
    assertThat(told.get("model").get(0).get("gradient_norm").asDouble()).isPositive();
  }

  @Test
  void what_cannot_be_shown_is_said() throws IOException {
    refused("inspect gates --out IN/x.html --text a", "--model is missing");
    refused("inspect gates --model IN/lstm --out IN/x.html", "A text is missing");
    refused("inspect gates --model IN/lstm --text a", "--out is missing");
    refused(
        "inspect gates --model IN/lstm --text a --input IN/sea.txt --out IN/x.html",
        "leave one of them out");
    refused("inspect gates --model IN/lstm --text é --out IN/x.html", "never seen");
    refused("inspect gates --model IN/lstm --input IN/no.txt --out IN/x.html", "There is no file");
    refused("inspect gates --model IN/lstm --text a --tokens 0 --out IN/x.html", "--tokens is 0");
    refused("inspect gradients --model IN/classes --text x --out IN/x.html", "is of task classify");
    refused("inspect gradients --model IN/lstm --text The --json", "a longer one");
    Files.writeString(folder.resolve("there.html"), "mine");
    refused("inspect gradients --out IN/there.html", "there.html");
    assertThat(folder.resolve("there.html")).hasContent("mine");
    assertThat(folder.resolve("x.html")).doesNotExist();
  }

  private static void refused(String words, String message) {
    Outcome outcome = words(words);
    assertThat(outcome.exitCode()).as(words).isEqualTo(2);
    assertThat(outcome.err()).contains(message).doesNotContain("\tat ");
  }
}
