// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.PyTorchModule;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.nn.Param;

/**
 * Every kind of network, exported and run by PyTorch: the Python of the variable {@value
 * #VARIABLE}, or {@code python3}; without PyTorch only the files are looked at.
 */
class PyTorchModuleTest {
  private static final String VARIABLE = "UNROLL_PYTHON";
  private static final double CLOSE = 1e-5;

  @TempDir Path folder;

  private static String python() {
    return System.getenv().getOrDefault(VARIABLE, "python3");
  }

  private static String task(NetworkSpec spec) {
    return spec.decoder() != null
        ? "translate"
        : spec.head() instanceof HeadSpec.Vocabulary ? "lm" : "state";
  }

  @Test
  void the_file_has_what_the_network_has_and_nothing_else() {
    NetworkSpec plain = NetworkCase.languages().get(0).spec();
    String file = PyTorchModule.of(plain, "lm");
    assertThat(file).contains("nn.Embedding(", "def load(", "log_softmax").doesNotContain("crf");
    assertThat(file).doesNotContain("class Attention", "scaled", "#:", "\t");
    for (NetworkCase some : NetworkCase.all()) {
      String text = PyTorchModule.of(some.spec(), task(some.spec()));
      assertThat(text).startsWith("\"\"\"A model of the task ").endsWith("network.eval()\n");
      assertThat(text.contains("class Words")).isEqualTo(some.spec().inputs().words() != null);
      assertThat(text.contains("class Crf"))
          .isEqualTo(some.spec().head() instanceof HeadSpec.LinearCrf);
    }
  }

  @Test
  void pytorch_says_the_same_of_the_same_sequences() throws Exception {
    assumeTrue(hasTorch(), python() + " cannot import torch");
    // No task but that of a language model learns its first state.
    List<NetworkCase> cases =
        NetworkCase.all().stream()
            .filter(c -> !c.spec().learnedState() || task(c.spec()).equals("lm"))
            .toList();
    Path script = folder.resolve("check.py");
    try (InputStream in = getClass().getResourceAsStream("check.py")) {
      Files.copy(in, script);
    }
    List<String> command = new ArrayList<>(List.of(python(), script.toString()));
    for (int i = 0; i < cases.size(); i++) {
      command.add(export(cases.get(i), folder.resolve("case" + i)).toString());
    }
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    List<String> lines = Files.readAllLines(out);
    assertThat(process.exitValue())
        .as(
            "case %s %s\n%s",
            lines.size(),
            lines.size() < cases.size() ? cases.get(lines.size()) : "",
            Files.readString(folder.resolve("err")))
        .isZero();
    for (int i = 0; i < cases.size(); i++) {
      JsonNode figures = new ObjectMapper().readTree(lines.get(i));
      assertThat(figures.size()).as(lines.get(i)).isGreaterThan(1);
      int own = i;
      figures
          .properties()
          .forEach(
              kind -> {
                if (!kind.getKey().equals("rows")) {
                  assertThat(kind.getValue().doubleValue())
                      .as("%s of case %s: %s", kind.getKey(), own, cases.get(own))
                      .isLessThan(CLOSE);
                }
              });
    }
  }

  private static boolean hasTorch() throws InterruptedException {
    try {
      return new ProcessBuilder(python(), "-c", "import torch")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Writes a network with its parameters, and what it says of the case's sequences. */
  private static Path export(NetworkCase some, Path to) throws IOException {
    NetworkCase plain = some.withoutDropout();
    Network network = new Network(plain.spec());
    float[] params = plain.params(network);
    Files.createDirectories(to);
    Files.writeString(to.resolve("model.py"), PyTorchModule.of(plain.spec(), task(plain.spec())));
    try (OutputStream out = Files.newOutputStream(to.resolve("model.safetensors"))) {
      Safetensors.write(out, network.layout(), params, Map.of());
    }
    try (OutputStream out = Files.newOutputStream(to.resolve("expected.safetensors"))) {
      Safetensors.write(out, expected(plain, network, params), Map.of());
    }
    return to;
  }

  private static Map<String, Tensor> expected(NetworkCase some, Network network, float[] params) {
    Batch batch = some.batch();
    Pass pass = new Pass(network);
    pass.load(params);
    float[] state = null;
    boolean language = task(network.spec()).equals("lm");
    if (language) {
      state = new float[network.stateSize(batch.rows())];
      pass.initialState(state, batch.rows());
    }
    pass.read(batch, state);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int row = 0; row < batch.rows(); row++) {
      Example example = batch.example(row);
      boolean writes = network.spec().decoder() != null;
      if (example.steps() == 0 || writes && example.labels().length == 0) {
        continue;
      }
      String name = row + ".";
      inputs(example, name, tensors);
      Prediction said = pass.prediction(row, null);
      if (language || writes) {
        tensors.put(name + "target", numbers(example.labels()));
        tensors.put(name + "losses", vector(said.values()));
        continue;
      }
      answers(network, params, pass.outputs(row), said, name, tensors);
    }
    return tensors;
  }

  private static void inputs(Example example, String name, Map<String, Tensor> tensors) {
    int steps = example.steps();
    tensors.put(name + "steps", new Tensor(List.of(), new float[] {steps}));
    for (int c = 0; c < example.tokens().length; c++) {
      tensors.put(name + (c == 0 ? "tokens" : "tokens_" + c), numbers(example.tokens()[c]));
    }
    if (example.features() != null) {
      int width = example.features().length / steps;
      tensors.put(name + "features", new Tensor(List.of(steps, width), example.features()));
    }
    if (example.characters() != null) {
      int most = 1;
      for (int[] word : example.characters()) {
        most = Math.max(most, word.length);
      }
      float[] characters = new float[steps * most];
      float[] lengths = new float[steps];
      for (int t = 0; t < steps; t++) {
        int[] word = example.characters()[t];
        // A word without characters is read as one of the first.
        lengths[t] = Math.max(1, word.length);
        for (int i = 0; i < word.length; i++) {
          characters[t * most + i] = word[i];
        }
      }
      tensors.put(name + "characters", new Tensor(List.of(steps, most), characters));
      tensors.put(name + "character_lengths", vector(lengths));
    }
  }

  private static void answers(
      Network network,
      float[] params,
      float[] outputs,
      Prediction said,
      String name,
      Map<String, Tensor> tensors) {
    HeadSpec head = network.spec().head();
    boolean ofSequences = head.target() == Target.SEQUENCE;
    int width = network.spec().encoder().outputSize();
    int steps = outputs.length / width;
    List<Integer> shape = ofSequences ? List.of(head.scores()) : List.of(steps, head.scores());
    tensors.put(name + "states", new Tensor(List.of(steps, width), outputs));
    if (ofSequences) {
      tensors.put(name + "sequence", new Tensor(List.of(), new float[1]));
    } else {
      tensors.put(name + "scores", new Tensor(shape, scores(network, params, outputs)));
    }
    if (head instanceof HeadSpec.Regression) {
      tensors.put(name + "values", new Tensor(shape, said.values()));
    } else if (!(head instanceof HeadSpec.Alignment)) {
      tensors.put(name + "probabilities", new Tensor(shape, said.probabilities()));
      tensors.put(name + "labels", numbers(said.labels()));
    }
  }

  /** Returns what the linear layer makes of the outputs of every step. */
  private static float[] scores(Network network, float[] params, float[] outputs) {
    Param weight = network.layout().get(Network.DECODER);
    Param bias = network.layout().get(Network.DECODER_BIAS);
    int classes = weight.shape().get(0);
    int width = weight.shape().get(1);
    int steps = outputs.length / width;
    float[] scores = new float[steps * classes];
    for (int t = 0; t < steps; t++) {
      for (int c = 0; c < classes; c++) {
        double sum = params[bias.offset() + c];
        for (int i = 0; i < width; i++) {
          sum += (double) outputs[t * width + i] * params[weight.offset() + c * width + i];
        }
        scores[t * classes + c] = (float) sum;
      }
    }
    return scores;
  }

  private static Tensor numbers(int... ids) {
    float[] values = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      values[i] = ids[i];
    }
    return vector(values);
  }

  private static Tensor vector(float... values) {
    return new Tensor(List.of(values.length), values);
  }
}
