// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;
import org.w3c.dom.Document;

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
      String html = html(cell + ".html");
      assertThat(html)
          .contains("<i>&lt;</i>", "layer 2: 6 ", "src=\"data:")
          .doesNotContain("<sea>");
      assertThat(html).doesNotContain("<script", "http://", "https://");
    }
    assertThat(html("lstm.html"))
        .contains(
            "input gate", "forget gate", "output gate", "cell", "keep (forget gate above 0.9)");
    assertThat(html("gru.html")).contains("update gate", "reset gate");
    assertThat(html("rnn.html")).doesNotContain("gate above");
  }

  @Test
  void a_classifier_that_reads_both_ways_is_shown_with_its_words() throws IOException {
    Outcome outcome =
        run("inspect", "gates", "--model", "IN/classes", "--text", "x y z", "--out", "IN/c.html");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(html("c.html"))
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
    assertThat(html("g.html")).contains("Elman, tanh", "Recurrent weights times 4");
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

  /** Returns a page without its pictures, whose encoding may spell any word. */
  private static String html(String name) throws IOException {
    return Files.readString(folder.resolve(name)).replaceAll("data:image/png[^\"]*", "data:");
  }

  private static void trained(String words) {
    Outcome outcome = words("train " + words + " --epochs 2 --master local[1] --shards 1");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  /** Returns the names of the pictures in a folder, having looked at each. */
  private static List<String> pictures(String name) throws Exception {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      for (Path file : files.sorted().toList()) {
        names.add(file.getFileName().toString());
        if (file.toString().endsWith(".png")) {
          assertThat(ImageIO.read(file.toFile()).getWidth()).isGreaterThan(100);
        } else {
          Document svg =
              DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(file.toFile());
          assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
          int letters = svg.getElementsByTagName("text").getLength();
          int shapes = svg.getElementsByTagName("path").getLength(); // the letters of charts
          assertThat(letters + shapes).as(file.toString()).isPositive();
        }
      }
    }
    return names;
  }

  @Test
  void every_picture_of_a_page_is_there_as_pixels_and_as_lines() throws Exception {
    Outcome outcome =
        words("inspect gates --model IN/lstm --text The --tokens 5 --pictures IN/gates");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(pictures("gates"))
        .filteredOn(name -> name.contains("layer-2-6-lstm-units-input-gate"))
        .extracting(name -> name.replaceFirst("^\\d\\d", ""))
        .containsExactly(
            "-layer-2-6-lstm-units-input-gate.png", "-layer-2-6-lstm-units-input-gate.svg");
    outcome = words("inspect gradients --hidden 4 --steps 5 --pictures IN/gradients");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(pictures("gradients"))
        .containsExactly(
            "01-networks-before-training.png",
            "01-networks-before-training.svg",
            "02-recurrent-weights-times-4-0.png",
            "02-recurrent-weights-times-4-0.svg");
    refused("inspect gradients --hidden 4 --steps 5 --pictures IN/gradients", "not empty");
    String again = "inspect gradients --hidden 4 --steps 5 --overwrite --pictures ";
    assertThat(words(again + "IN/gradients").exitCode()).isZero();
    refused(again + "IN/gru", "not written by");
  }

  @Test
  void attention_is_shown_of_what_was_typed_and_of_rows() throws Exception {
    Files.writeString(folder.resolve("pairs.tsv"), "text\tlabel\na b\tb a\nb c\tc b\n");
    trained(
        "--task translate --input IN/pairs.tsv --text text --label label --unit whitespace"
            + " --hidden 6 --layers 1 --batch 2 --out IN/turn");
    JsonNode told = json("inspect", "attention", "--model", "IN/turn", "--text", "a b c", "--json");
    JsonNode row = told.get("rows").get(0);
    assertThat(row.get("read_tokens")).extracting(JsonNode::asText).containsExactly("a", "b", "c");
    int last = row.get("written_tokens").size() - 1;
    assertThat(row.get("attention")).hasSize(last + 1);
    for (JsonNode weights : row.get("attention")) {
      assertThat(weights).hasSize(3);
      assertThat(sum(weights)).isCloseTo(1, within(1e-4));
    }
    Files.writeString(folder.resolve("more.tsv"), "text\tlabel\nc <b>\tx\na\tx\nb\tx\n");
    Outcome outcome =
        words(
            "inspect attention --model IN/turn --input IN/more.tsv --rows 2 --out IN/a.html"
                + " --pictures IN/a --master local[1]");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(html("a.html"))
        .contains("2 rows", "c &lt;b&gt;", "class=\"heat")
        .doesNotContain("<b>", "<dt>right");
    assertThat(pictures("a"))
        .containsExactly(
            "01-what-was-looked-at.png",
            "01-what-was-looked-at.svg",
            "02-what-was-looked-at.png",
            "02-what-was-looked-at.svg");
    trained(
        "--task translate --input IN/pairs.tsv --text text --label label --unit whitespace"
            + " --attention none --hidden 6 --layers 1 --batch 2 --out IN/blind");
    refused("inspect attention --model IN/blind --text a --json", "without attention");
    refused("inspect attention --model IN/lstm --text a --json", "is of task lm");
  }

  private static double sum(JsonNode numbers) {
    double sum = 0;
    for (JsonNode number : numbers) {
      sum += number.asDouble();
    }
    return sum;
  }

  @Test
  void the_rows_that_a_classifier_is_most_wrong_about_come_first() throws Exception {
    Files.writeString(
        folder.resolve("test.tsv"), "label\ttext\na\tx y\nb\tz\na\tz z\nb\t<i>x</i>\n");
    String call = "inspect errors --model IN/classes --input IN/test.tsv --master local[2]";
    JsonNode told = json((call + " --json").split(" "));
    assertThat(told.get("rows").asInt()).isEqualTo(4);
    assertThat(told.get("scores").get("calibration_error").asDouble()).isBetween(0.0, 1.0);
    JsonNode worst = told.get("worst");
    assertThat(worst).hasSize(4);
    double before = Double.POSITIVE_INFINITY;
    double all = 0;
    for (JsonNode row : worst) {
      String where = row.get("where").asText();
      assertThat(where).matches("line [2-5] of .*test.tsv: [0-9.]+ nats per sequence");
      double loss = Double.parseDouble(where.replaceAll(".*: | nats.*", ""));
      assertThat(loss).isLessThanOrEqualTo(before);
      before = loss;
      all += loss;
    }
    // Their losses are those that the evaluation adds up.
    assertThat(all / 4).isCloseTo(told.get("scores").get("loss").asDouble(), within(1e-3));
    Outcome outcome = words(call + " --worst 2 --out IN/e.html --pictures IN/e");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(html("e.html"))
        .contains("<h2>Confusion</h2>", "<h2>Calibration</h2>", "<h2>By label</h2>")
        .contains("<h2>What the model is most wrong about</h2>")
        .containsPattern("(?s)(class=\"example\".*){2}")
        .doesNotContain("<i>x", "http");
    assertThat(pictures("e"))
        .containsExactly(
            "01-confusion.png", "01-confusion.svg", "02-calibration.png", "02-calibration.svg");
  }

  @Test
  void errors_of_tasks_that_write_tag_and_foretell_are_found_too() throws Exception {
    Files.writeString(folder.resolve("tags.conll"), "a X\nb Y\n\nb Y\n\na X\na X\n\n".repeat(3));
    trained(
        "--task tag --input IN/tags.conll --columns word,tag --text word --label tag --hidden 6"
            + " --layers 1 --batch 4 --head crf --out IN/tags");
    Files.writeString(folder.resolve("out.tsv"), "text\tlabel\na b\tb\nb\tc b\n");
    trained(
        "--task execute --input IN/out.tsv --text text --label label --hidden 6 --layers 1 --batch 2"
            + " --out IN/out");
    Files.writeString(
        folder.resolve("series.jsonl"), "{\"features\": [1, 2, 3, 4, 3, 2, 1, 2]}\n".repeat(3));
    trained(
        "--task forecast --input IN/series.jsonl --horizon 2 --context 3 --hidden 6 --layers 1"
            + " --batch 2 --out IN/series");
    for (String[] one :
        new String[][] {
          {"tags", "tags.conll", "nats per step"},
          {"out", "out.tsv", "nats per character"},
          {"series", "series.jsonl", "squared error of scaled numbers"}
        }) {
      JsonNode told =
          json(
              ("inspect errors --worst 2 --master local[1] --json --model IN/%s --input IN/%s"
                      + " --out IN/%s.html")
                  .formatted(one[0], one[1], one[0])
                  .split(" +"));
      assertThat(told.get("worst")).hasSize(2);
      assertThat(told.get("worst").get(0).get("where").asText()).endsWith(one[2]);
      assertThat(told.get("worst").get(0).get("right").get(0).asText()).isNotEmpty();
    }
  }

  @Test
  void a_language_model_is_surprised_by_what_it_never_saw() throws Exception {
    String text = "The <sea> is \"wide\", and old.\nShips (two) go.\neeee";
    JsonNode told =
        json(
            "inspect",
            "errors",
            "--model",
            "IN/lstm",
            "--text",
            text,
            "--out",
            "IN/s.html",
            "--pictures",
            "IN/s",
            "--worst",
            "3",
            "--json");
    int tokens = told.get("tokens").asInt();
    assertThat(tokens).isEqualTo(text.length() + 1);
    assertThat(told.get("losses")).hasSize(tokens);
    assertThat(sum(told.get("losses")) / tokens)
        .isCloseTo(told.get("loss").asDouble(), within(1e-6));
    assertThat(told.get("surprises")).hasSize(3);
    double largest = 0;
    for (JsonNode loss : told.get("losses")) {
      largest = Math.max(largest, loss.asDouble());
    }
    assertThat(told.get("surprises").get(0).get("loss").asDouble())
        .isCloseTo(largest, within(1e-5));
    assertThat(html("s.html"))
        .contains("class=\"told\"", "&lt;</span>", "nats, probability")
        .doesNotContain("<sea>");
    assertThat(pictures("s")).containsExactly("01-the-text-by-loss.png", "01-the-text-by-loss.svg");
  }

  @Test
  void an_embedding_is_a_map_with_neighbours_and_analogies() throws Exception {
    Files.writeString(
        folder.resolve("v.txt"), "5 2\nman 1 0\nwoman 1 1\nking 3 0.1\nqueen 3 3.1\n<b> -1 0.2\n");
    JsonNode told =
        json(
            "inspect",
            "embeddings",
            "--model",
            "IN/v.txt",
            "--analogy",
            "man,woman,king",
            "--top",
            "2",
            "--out",
            "IN/v.html",
            "--pictures",
            "IN/v",
            "--json");
    JsonNode answers = told.get("analogies").get("man : woman = king : ?");
    assertThat(answers.get(0).get("word").asText()).isEqualTo("queen");
    assertThat(answers.get(0).get("cosine").asDouble()).isBetween(0.9, 1.0 + 1e-6);
    JsonNode near = told.get("neighbours").get("woman");
    assertThat(near.get(0).get("word").asText()).isEqualTo("queen");
    assertThat(near.get(0).get("cosine").asDouble()).isCloseTo(0.99986, within(1e-4));
    assertThat(near).hasSize(2);
    assertThat(html("v.html"))
        .contains("man : woman = king : ?", "&lt;b&gt;", "<picture>")
        .doesNotContain("<b>");
    assertThat(pictures("v"))
        .containsExactly("01-a-map-of-its-words.png", "01-a-map-of-its-words.svg");
    told = json("inspect", "embeddings", "--model", "IN/lstm", "--words", "a,e", "--json");
    assertThat(told.get("neighbours")).hasSize(2);
    assertThat(told.get("neighbours").get("a")).hasSize(8);
    refused("inspect embeddings --model IN/v.txt --words prince --json", "no vector for 'prince'");
    refused("inspect embeddings --model IN/v.txt --analogy man,king --json", "takes three");
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
    refused("inspect errors --model IN/lstm --json", "A text is missing");
    refused("inspect errors --model IN/classes --text x --json", "found in labelled rows");
    refused("inspect errors --model IN/lstm --text é --json", "never seen");
    refused("inspect errors --model IN/classes --input IN/no.tsv --json", "no.tsv");
    refused("inspect errors --model IN/lstm --text a --beam 2 --json", "--beam says nothing");
    refused("inspect attention --model IN/classes --text x --json", "is of task classify");
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
