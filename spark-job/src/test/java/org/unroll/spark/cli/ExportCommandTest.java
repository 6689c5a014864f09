// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** Models that are written for other programs, and the page that each folder has. */
class ExportCommandTest {
  @TempDir static Path home;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    String rows = "label\ttext\n" + "mild\tsun and wind\nwet\train and snow\n".repeat(8);
    Path table = Files.writeString(home.resolve("weather.tsv"), rows);
    Outcome outcome =
        run(
            "train --task classify --input %s --valid %s --layers 1 --hidden 6 --epochs 1"
                    .formatted(table, table)
                + " --batch 4 --master local[2] --out "
                + home.resolve("model"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static Outcome run(String words) {
    return Shell.run(words.split(" +"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private String refusal(String options) {
    Outcome outcome = run("export " + options);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    return outcome.err();
  }

  @Test
  void a_model_becomes_a_module_of_python_beside_its_files() throws IOException {
    Path out = folder.resolve("module");
    String options = "--model %s --format pytorch --out %s".formatted(home.resolve("model"), out);
    Outcome outcome = run("export " + options + " --json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(names(out))
        .containsExactly(
            "README.md", "config.json", "model.py", "model.safetensors", "vocabulary.tsv");
    assertThat(out.resolve("model.safetensors"))
        .hasSameBinaryContentAs(home.resolve("model/model.safetensors"));
    assertThat(out.resolve("model.py")).content().contains("nn.LSTM(6, 6, 1, bias=True");
    JsonNode figures = new ObjectMapper().readTree(outcome.lastLine());
    assertThat(figures.get("task").textValue()).isEqualTo("classify");
    assertThat(figures.get("format").textValue()).isEqualTo("pytorch");

    assertThat(refusal(options)).contains("--overwrite");
    assertThat(run("export " + options + " --overwrite").exitCode()).isZero();
    // The folder is a model folder, too.
    Outcome scored =
        run(
            "evaluate --master local[2] --model %s --input %s"
                .formatted(out, home.resolve("weather.tsv")));
    assertThat(scored.exitCode()).as(scored.err()).isZero();
  }

  /** Trains a model of a task on a few rows; returns its folder. */
  private Path trained(String task, String file, String rows, String options) throws IOException {
    Path input = Files.writeString(folder.resolve(file), rows);
    Path model = folder.resolve(task);
    Outcome outcome =
        run(
            "train --task %s --input %s --layers 1 --hidden 6 --epochs 1 --batch 4 %s"
                    .formatted(task, input, options)
                + " --master local[2] --out "
                + model);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return model;
  }

  private OrtSession graph(Path model) throws IOException, OrtException {
    Path out = folder.resolve("graph-" + model.getFileName());
    Outcome outcome = run("export --format onnx --model %s --out %s".formatted(model, out));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(names(out))
        .contains("README.md", "config.json", "model.onnx", "vocabulary.tsv")
        .doesNotContain("model.safetensors");
    return OrtEnvironment.getEnvironment().createSession(out.resolve("model.onnx").toString());
  }

  @Test
  void a_model_becomes_a_graph_that_says_what_predict_says() throws Exception {
    Outcome outcome =
        Shell.run(
            "predict",
            "--model",
            home.resolve("model").toString(),
            "--say",
            "sun and wind",
            "--json");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode said = new ObjectMapper().readTree(outcome.lastLine());

    List<String> vocabulary =
        Files.readAllLines(home.resolve("model/vocabulary.tsv")).stream()
            .map(line -> line.split("\t")[0])
            .toList();
    long[] ids = Stream.of("sun", "and", "wind").mapToLong(vocabulary::indexOf).toArray();
    OrtEnvironment ort = OrtEnvironment.getEnvironment();
    try (OrtSession graph = graph(home.resolve("model"));
        OrtSession.Result result =
            graph.run(
                Map.of(
                    "tokens", OnnxTensor.createTensor(ort, new long[][] {ids}),
                    "lengths", OnnxTensor.createTensor(ort, new long[] {ids.length})))) {
      float[] told = ((float[][]) result.get("probabilities").orElseThrow().getValue())[0];
      for (int label = 0; label < told.length; label++) {
        assertThat(told[label])
            .isCloseTo(said.get("probability").get(label).floatValue(), within(1e-5f));
      }
    }
  }

  @Test
  void taggers_that_read_characters_and_models_of_text_become_graphs() throws Exception {
    String words = "{\"words\": [\"a\", \"bee\"], \"label\": [\"D\", \"N\"]}\n".repeat(8);
    try (OrtSession graph =
        graph(trained("tag", "rows.jsonl", words, "--text words --head crf --char-embedding 3"))) {
      assertThat(graph.getInputNames())
          .containsExactlyInAnyOrder("tokens", "characters", "character_lengths", "lengths");
      assertThat(graph.getOutputNames()).contains("emissions", "transitions");
    }
    String text = "a bee is no wasp\n".repeat(20);
    try (OrtSession graph =
        graph(trained("lm", "book.txt", text, "--unit char --window 5 --state learned"))) {
      assertThat(graph.getInputNames()).containsExactlyInAnyOrder("tokens", "begins", "h_0", "c_0");
      assertThat(graph.getOutputNames()).contains("log_probabilities", "h_0_out", "c_0_out");
    }
  }

  @Test
  void what_writes_or_is_no_model_becomes_no_graph() throws IOException {
    String pairs = "{\"de\": \"ein tag\", \"label\": \"a day\"}\n".repeat(8);
    Path writer = trained("translate", "pairs.jsonl", pairs, "--text de --unit word");
    Path out = folder.resolve("graph");
    String to = " --format onnx --out " + out;
    assertThat(refusal("--model " + writer + to))
        .contains("A model of task translate", "--format onnx", "decoder", "--format pytorch");
    Path vectors = Files.writeString(folder.resolve("vectors.txt"), "1 2\na 0 1\n");
    assertThat(refusal("--model " + vectors + to)).contains("vectors.txt");
    assertThat(out).doesNotExist();
  }

  @Test
  void every_model_folder_has_a_page_for_hubs() throws IOException {
    String card = Files.readString(home.resolve("model/README.md"));
    assertThat(card)
        .startsWith("---\nlicense: unknown\nlibrary_name: unroll\n")
        .contains("pipeline_tag: text-classification", "# A classifier of sequences", "LSTM")
        .contains("- files: `weather.tsv`", "- labels: 'mild', 'wet'", "| accuracy | ")
        .contains("unroll predict --model FOLDER")
        .doesNotContain(home.toString());
  }

  @Test
  void what_cannot_be_exported_is_told() throws IOException {
    Path out = folder.resolve("module");
    String to = " --format pytorch --out " + out;
    assertThat(refusal("--model " + folder.resolve("none") + to)).contains("no model folder");
    assertThat(refusal("--format pytorch --out " + out)).contains("--model is missing");
    assertThat(refusal("--format pytorch --model " + home.resolve("model")))
        .contains("--out is missing");
    assertThat(refusal("--format keras --out x --model y")).contains("keras", "pytorch");
    Path strange = Files.createDirectories(folder.resolve("notes"));
    Files.writeString(strange.resolve("thesis.txt"), "mine");
    assertThat(
            refusal(
                "--overwrite --format pytorch --model %s --out %s"
                    .formatted(home.resolve("model"), strange)))
        .contains("was not written by export");

    Path broken = Files.createDirectories(folder.resolve("broken"));
    for (String name : names(home.resolve("model"))) {
      Files.copy(home.resolve("model").resolve(name), broken.resolve(name));
    }
    Path params = broken.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(params);
    Files.write(params, Arrays.copyOf(bytes, bytes.length - 100));
    assertThat(refusal("--model " + broken + to)).contains("model.safetensors");
    assertThat(out).doesNotExist();
  }
}
