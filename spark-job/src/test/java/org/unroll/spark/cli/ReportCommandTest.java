// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** What pages and JSON tell of models that write: by length, with attention, side by side. */
class ReportCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HELD_OUT = 30;

  @TempDir static Path folder;
  private static JsonNode trained;
  private static JsonNode byOneWorker;

  /** Rows of one to twelve words, to be written in capitals. */
  private static void pairs(String name, int count, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("read\twritten\n");
    for (int i = 0; i < count; i++) {
      List<String> words = new ArrayList<>();
      int length = 1 + random.nextInt(12);
      for (int t = 0; t < length; t++) {
        words.add("<" + (char) ('a' + random.nextInt(4)) + ">");
      }
      String row = String.join(" ", words);
      text.append(row).append('\t').append(row.toUpperCase(Locale.ROOT)).append('\n');
    }
    Files.writeString(folder.resolve(name), text);
  }

  private static Outcome run(String words) {
    return Shell.runIn(folder, words.replace("IN/", folder + "/").split(" +"));
  }

  private static JsonNode json(String words) throws IOException {
    Outcome outcome = run(words + " --json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return JSON.readTree(outcome.lastLine());
  }

  private static JsonNode train(String options) throws IOException {
    return json(
        "train --task translate --unit word --text read --label written --hidden 12 --layers 1"
            + " --batch 8 --lr 0.02 --input IN/train.tsv --valid IN/valid.tsv --test IN/test.tsv"
            + " --master local[2] --shards 2 "
            + options);
  }

  @BeforeAll
  static void trainModels() throws IOException {
    pairs("train.tsv", 80, 1);
    pairs("valid.tsv", HELD_OUT, 2);
    pairs("test.tsv", HELD_OUT, 3);
    trained = train("--epochs 3 --workers 2 --out IN/runs/with");
    byOneWorker = train("--epochs 3 --workers 1 --out IN/runs/again");
    train("--epochs 2 --attention none --out IN/runs/without");
    Files.writeString(folder.resolve("classes.tsv"), "label\ttext\na\tx y\nb\ty z\na\tx\nb\tz\n");
    json(
        "train --task classify --text text --label label --hidden 4 --layers 1 --epochs 1"
            + " --valid IN/classes.tsv --input IN/classes.tsv --out IN/runs/classes"
            + " --master local[1]");
  }

  private static Path copy(String name) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("runs/" + name));
    try (Stream<Path> files = Files.list(folder.resolve("runs/with"))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static String page(String path) throws IOException {
    return Files.readString(folder.resolve(path)).replaceAll("data:image/png;base64,[^\"]+", "PNG");
  }

  private static void assertRefused(String words, String... parts) {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err().replaceAll("\\s+", " ")).contains(parts).doesNotContain("Exception");
  }

  @Test
  void figures_by_length_are_of_all_rows_and_the_same_for_any_number_of_workers() {
    for (String name : List.of("by_length", "test_by_length")) {
      JsonNode bins = trained.get(name);
      assertThat(bins).as(name).hasSize(3).isEqualTo(byOneWorker.get(name));
      int rows = 0;
      for (JsonNode bin : bins) {
        rows += bin.get("rows").intValue();
        assertThat(bin.get("figures").fieldNames()).toIterable().containsExactly("bleu", "chrf");
      }
      assertThat(rows).isEqualTo(HELD_OUT);
    }
    assertThat(trained.get("test_by_length").get(1).get("from").intValue()).isEqualTo(6);
    assertThat(trained.get("test_by_length").get(1).get("to").intValue()).isEqualTo(10);
  }

  @Test
  void evaluate_tells_them_as_the_training_did_on_any_number_of_cores() throws IOException {
    String evaluate = "evaluate --model IN/runs/with --input IN/test.tsv --master ";
    for (String master : List.of("local[1]", "local[2]")) {
      assertThat(json(evaluate + master).get("by_length")).isEqualTo(trained.get("test_by_length"));
    }
    JsonNode bin = trained.get("test_by_length").get(0);
    assertThat(run(evaluate + "local[1]").out())
        .contains("By length of source\n")
        .containsPattern("1–5 +" + bin.get("rows") + " ");
  }

  @Test
  void the_page_of_a_model_has_bars_examples_and_attention() throws IOException {
    String page = page("runs/with/report.html");
    assertThat(page)
        .contains("<h2>By length of source, test data</h2>", "alt=\"BLEU by length of source: 1–5")
        .contains("<h2>Examples of what it answers</h2>");
    assertThat(page.split("class=\"example\"", -1)).hasSize(7);
    assertThat(page.split("<table class=\"heat", -1)).hasSize(4);
    String first = Files.readAllLines(folder.resolve("valid.tsv")).get(1).split("\t")[0];
    assertThat(page)
        .contains("<dd dir=\"auto\">" + first.replace("<", "&lt;").replace(">", "&gt;") + "</dd>");
    String heat = page.substring(page.indexOf("<table class=\"heat"));
    heat = heat.substring(0, heat.indexOf("</table>"));
    assertThat(heat.split("scope=\"col\"", -1)).hasSize(first.split(" ").length + 1);
    // Every row adds up to one, as far as two decimals tell.
    for (String row : heat.split("scope=\"row\"")) {
      double sum = 0;
      for (String cell : row.split("opacity:")) {
        sum +=
            cell.startsWith("0.") || cell.startsWith("1.")
                ? Double.parseDouble(cell.substring(0, 4))
                : 0;
      }
      assertThat(row.contains("opacity") ? sum : 1).isBetween(0.9, 1.1);
    }
    assertThat(page("runs/without/report.html"))
        .contains("class=\"example\"")
        .doesNotContain("<table class=\"heat", "The squares show attention");
    assertThat(page("runs/classes/report.html"))
        .contains("class=\"example\"", "<dd dir=\"auto\">x y</dd>")
        .doesNotContain("By length of source");
  }

  @Test
  void models_are_put_side_by_side_and_json_says_the_same() throws IOException {
    JsonNode told = json("report --models IN/runs/with IN/runs/without --out IN/side.html");
    String page = page("side.html");
    assertThat(told.get("differences").get("attention").toString())
        .isEqualTo("[\"general\",\"none\"]");
    assertThat(told.get("differences").has("hidden")).isFalse();
    assertThat(told.get("notes")).isEmpty();
    assertThat(page)
        .contains("<h2>Options that differ</h2>", "<td>general</td>\n<td>none</td>")
        .contains("<h2>Loss</h2>", "<h2>By length of source, test data</h2>")
        .contains("alt=\"BLEU by length of source, with: 1–5")
        .doesNotContain("<td>12</td>");
    assertThat(page.split("<picture>", -1)).hasSize(3);
    JsonNode model = told.get("models").get(0);
    assertThat(model.get("by_length")).isEqualTo(trained.get("test_by_length"));
    assertThat(model.get("epochs")).hasSize(3);
    for (String figure : List.of("test_bleu", "test_chrf", "loss", "test_token_accuracy")) {
      assertThat(model.get("figures").get(figure)).as(figure).isEqualTo(trained.get(figure));
      String cells = "";
      for (JsonNode one : told.get("models")) {
        double value = one.get("figures").get(figure).doubleValue();
        cells += String.format(Locale.ROOT, "<td>%.4f</td>\n", value);
      }
      assertThat(page).as(figure).contains(cells);
    }
  }

  @Test
  void one_model_has_a_page_with_all_its_options() throws IOException {
    JsonNode told = json("report --models IN/runs/with --out IN/one.html");
    assertThat(told.get("differences").get("hidden").toString()).isEqualTo("[12]");
    assertThat(page("one.html")).contains("<h2>Options</h2>", "The translate model with");
    assertRefused("report --models IN/runs/with --out IN/one.html", "is there already");
    assertThat(json("report --models IN/runs/with").has("report")).isFalse();
  }

  @Test
  void a_model_of_an_earlier_build_is_compared_as_far_as_it_goes() throws IOException {
    Path old = copy("old");
    ObjectNode config = (ObjectNode) JSON.readTree(old.resolve("config.json").toFile());
    ObjectNode results = (ObjectNode) config.get("provenance").get("results");
    results.remove(List.of("by_length", "test_by_length"));
    JSON.writeValue(old.resolve("config.json").toFile(), config);
    JsonNode told = json("report --models IN/runs/old IN/runs/with --out IN/old.html");
    assertThat(told.get("notes").get(0).textValue())
        .startsWith("old does not tell its figures by length of source");
    assertThat(told.get("models").get(0).has("by_length")).isFalse();
    assertThat(page("old.html")).contains("old does not tell", "None: the options and the data");
  }

  @Test
  void what_is_no_whole_model_is_told_in_a_sentence() throws IOException {
    String report = "report --out IN/none.html --models IN/runs/with ";
    assertRefused(report + "IN/none", "There is no model folder", "none");
    assertRefused(report + "IN/runs", "no readable config.json");
    assertRefused(report + "IN/runs/with/", "runs/with twice");
    assertRefused(report + "IN/runs/classes", "of the task translate", "one of classify");
    assertRefused("report --out IN/none.html", "--models is missing");
    assertRefused("report --models IN/runs/with", "--out is missing", "--json");
    Path damaged = copy("damaged");
    Path metrics = damaged.resolve("metrics.jsonl");
    String whole = Files.readString(metrics);
    Files.writeString(metrics, whole.substring(0, whole.length() - 40));
    assertRefused(report + damaged, "metrics.jsonl, line 3, is no JSON");
    Files.writeString(metrics, whole.substring(whole.indexOf('\n') + 1));
    assertRefused(report + damaged, "metrics.jsonl, line 1, is not the line of epoch 1");
    Files.writeString(metrics, "");
    assertRefused(report + damaged, "metrics.jsonl is empty");
    Files.delete(metrics);
    assertRefused(report + damaged, "no readable metrics.jsonl");
    Files.writeString(metrics, whole);
    ObjectNode config = (ObjectNode) JSON.readTree(damaged.resolve("config.json").toFile());
    ObjectNode results = (ObjectNode) config.get("provenance").get("results");
    ((ObjectNode) ((ArrayNode) results.get("by_length")).get(1)).put("rows", "many");
    JSON.writeValue(damaged.resolve("config.json").toFile(), config);
    assertRefused(report + damaged, "provenance.results.by_length[1].rows must be a whole number");
    assertThat(folder.resolve("none.html")).doesNotExist();
  }

  @Test
  void a_page_that_cannot_be_written_is_told_and_nothing_is_left() {
    assertRefused("report --models IN/runs/with --out IN/runs", "is a folder; name a file");
    assertRefused("report --models IN/runs/with --out IN/valid.tsv/page.html", "valid.tsv");
  }
}
