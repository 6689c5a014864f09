// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.spark.cli.Shell.Outcome;

/** State dictionaries of torch.nn that become models and are trained on. */
class ImportCommandTest {
  private static final String CONFIG =
      """
      {"task": "classify", "unit": "word", "vocabulary": "tokens.txt", "labels": ["mild", "wet"],
       "pooling": "max", "names": {"embedding": "emb", "rnn": "lstm", "decoder": "fc"}}
      """;
  private static final Map<String, String> NAMES =
      Map.of("emb", "embedding", "lstm", "rnn", "layers", "rnn", "fc", "decoder");

  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    write("tokens.txt", "<unk>\nsun\nrain\nand\nwind\n");
    write("rows.tsv", "label\ttext\nmild\tsun and wind\nwet\train\nwet\train and rain and wind\n");
    write("config.json", CONFIG);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private Outcome run(String words) {
    return Shell.run(words.replace("DIR", folder.toString()).split(" +"));
  }

  private void done(String words) {
    Outcome outcome = run(words);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private String refusal(String words) {
    Outcome outcome = run("import --out DIR/refused " + words);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(folder.resolve("refused")).doesNotExist();
    return outcome.err();
  }

  private Map<String, Tensor> read(String name) throws IOException {
    try (InputStream in = Files.newInputStream(folder.resolve(name))) {
      return Safetensors.read(in, name);
    }
  }

  /** Returns the tensors of a GRU classifier of five tokens. */
  private static Map<String, Tensor> gru() {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    shapes.put("emb.weight", List.of(5, 3));
    shapes.put("lstm.weight_ih_l0", List.of(12, 3));
    shapes.put("lstm.weight_hh_l0", List.of(12, 4));
    shapes.put("lstm.bias_ih_l0", List.of(12));
    shapes.put("lstm.bias_hh_l0", List.of(12));
    shapes.put("fc.weight", List.of(2, 4));
    shapes.put("fc.bias", List.of(2));
    Random random = new Random(3);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
          }
          tensors.put(name, new Tensor(shape, values));
        });
    return tensors;
  }

  private void write(String name, Map<String, Tensor> tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
      Safetensors.write(out, tensors, Map.of());
    }
  }

  private void assertSame(String there, String model, float close) throws IOException {
    Map<String, Tensor> own = read(model + "/model.safetensors");
    Map<String, Tensor> others = read(there);
    assertThat(own).hasSameSizeAs(others);
    for (Map.Entry<String, Tensor> other : others.entrySet()) {
      String part = other.getKey().split("\\.")[0];
      String name = NAMES.get(part) + other.getKey().substring(part.length());
      assertThat(own.get(name).values())
          .as(name)
          .usingComparatorWithPrecision(close)
          .containsExactly(other.getValue().values());
    }
  }

  @Test
  void a_state_dictionary_becomes_a_model_that_answers_and_is_trained_on() throws IOException {
    write("gru.safetensors", gru());
    done("import --weights DIR/gru.safetensors --config DIR/config.json --out DIR/model");
    assertSame("gru.safetensors", "model", 0);
    done("evaluate --model DIR/model --input DIR/rows.tsv --master local[2]");
    String on =
        "train --task classify --unit word --keep-case --input DIR/rows.tsv --cell gru --layers 1 --hidden 4"
            + " --embedding 3 --pooling max --epochs 1 --shards 1 --master local[2] ";
    done(on + "--from DIR/model --new-tokens 0 --out DIR/on");
    done(on + "--start DIR/model --out DIR/started");

    Map<String, Tensor> bare = gru();
    bare.keySet().removeIf(name -> !name.startsWith("lstm."));
    write("bare.safetensors", bare);
    Outcome outcome =
        run("import --weights DIR/bare.safetensors --config DIR/config.json --out DIR/bare");
    assertThat(outcome.out()).contains("drawn: embedding.weight, decoder.weight, decoder.bias");
  }

  @Test
  void what_does_not_go_together_is_told() throws IOException {
    String both = "--weights DIR/gru.safetensors --config DIR/config.json";
    assertThat(refusal(both)).contains("There is no file of weights");
    Map<String, Tensor> more = gru();
    more.put("norm.weight", new Tensor(List.of(4), new float[4]));
    write("gru.safetensors", more);
    assertThat(refusal(both)).contains("no place for: [norm.weight]");
    write("gru.safetensors", gru());
    assertThat(refusal("--weights DIR/gru.safetensors")).contains("--config is missing");
    write("config.json", CONFIG.replace("lstm", "gru"));
    assertThat(refusal(both)).contains("has no gru.weight_hh_l0: it has [emb.weight, fc.bias");
    write("config.json", CONFIG.replace("classify", "translate"));
    assertThat(refusal(both)).contains("\"task\" must be lm, classify or tag");
    write("config.json", CONFIG.replace("[\"mild\", \"wet\"]", "[\"mild\"]"));
    assertThat(refusal(both)).contains("fc.weight must be of the shape [1, 4], but is [2, 4]");
    write("config.json", CONFIG.replace("pooling", "poling"));
    assertThat(refusal(both)).contains("poling");
    write("config.json", CONFIG);
    write("tokens.txt", "sun\nrain\nand\nwind\nfog\n");
    assertThat(refusal(both)).contains("has no <unk>", "\"unknown\"");
    Files.write(folder.resolve("gru.safetensors"), new byte[] {1, 2, 3});
    assertThat(refusal(both)).contains("gru.safetensors");
  }

  /** What one step of PyTorch made of a drawn model is in files, made anew where it is there. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          classify | rows.tsv   | "labels": ["mild", "wet"], "pooling": "max" | --keep-case --layers 2 --hidden 7 --bidirectional --pooling max --batch 3
          tag      | tags.jsonl | "labels": ["N", "O"]                        | --text text --cell gru --layers 1 --hidden 6 --batch 3
          lm       | text.txt   | "nonlinearity": "relu"                      | --cell rnn --nonlinearity relu --layers 2 --hidden 8 --batch 1 --window 11 --valid DIR/text.txt
          """)
  void a_step_behind_an_import_is_that_of_pytorch(
      String task, String data, String config, String options) throws Exception {
    try (Stream<Path> files = Files.list(Path.of(getClass().getResource("steps").toURI()))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    String python = System.getenv().getOrDefault("UNROLL_PYTHON", "python3");
    if (hasRun(python, "-c", "import torch")) {
      assertThat(hasRun(python, folder.resolve("step.py").toString())).isTrue();
    }
    write(
        "config.json",
        """
        {"task": "%s", "unit": "word", "vocabulary": "tokens.txt", %s,
         "names": {"embedding": "emb", "rnn": "layers", "decoder": "fc"}}
        """
            .formatted(task, config));
    String drawn = task + ".drawn.safetensors";
    done("import --weights DIR/%s --config DIR/config.json --out DIR/model".formatted(drawn));
    assertSame(drawn, "model", 0);
    done(
        "train --task %s --unit word --input DIR/%s %s".formatted(task, data, options)
            + " --embedding 5 --optimizer sgd --lr 0.5 --clip-norm 0 --epochs 1 --shards 1"
            + " --master local[2] --from DIR/model --new-tokens 0 --out DIR/on");
    assertSame(task + ".stepped.safetensors", "on", 1e-5f);
  }

  private static boolean hasRun(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
