// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/** Whole language models, from token ids to the loss and back, against PyTorch. */
class LanguageGoldenTest {

  static List<String> files() {
    return Golden.names("model-");
  }

  @Test
  void tied_and_ragged_models_of_every_cell_are_compared() {
    assertThat(files()).hasSize(8);
  }

  @ParameterizedTest
  @MethodSource("files")
  void loss_state_and_gradients_are_those_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    Golden.Rows rows = Golden.Rows.of(golden);
    Network network = Golden.language(golden.get("spec"), false);
    float[] params = Golden.params(network.layout(), golden.get("params"));
    Gradient gradient = new Gradient(params.length);
    float[] state = rows.state(golden.get("state"));
    Batch batch = Golden.batch(golden, rows);
    assertLoss(pass(network, params).train(batch, state, null, 0, gradient), golden);
    Golden.assertClose("final state", state, rows.state(golden.get("finalState")));
    Golden.assertParamsClose(network.layout(), gradient.dense(), golden.get("paramGradients"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void reading_gives_the_loss_and_state_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    Golden.Rows rows = Golden.Rows.of(golden);
    Network network = Golden.language(golden.get("spec"), false);
    float[] state = rows.state(golden.get("state"));
    Pass pass = pass(network, Golden.params(network.layout(), golden.get("params")));
    pass.read(Golden.batch(golden, rows), state);
    assertLoss(pass.loss(), golden);
    Golden.assertClose("final state", state, rows.state(golden.get("finalState")));
  }

  @ParameterizedTest
  @MethodSource("files")
  void a_learned_state_gets_the_state_gradients_of_all_rows(String file) {
    JsonNode golden = Golden.read(file);
    Golden.Rows rows = Golden.Rows.of(golden);
    Network network = Golden.language(golden.get("spec"), true);
    Param initial = network.layout().get(Network.INITIAL_STATE);
    Network without = Golden.language(golden.get("spec"), false);
    float[] params =
        Arrays.copyOf(
            Golden.params(without.layout(), golden.get("params")), network.layout().size());
    Gradient gradient = new Gradient(params.length);
    float[] state = rows.state(golden.get("state"));
    pass(network, params)
        .train(Golden.batch(golden, rows), state, new float[state.length], 0, gradient);
    float[] ofRows = rows.state(golden.get("stateGradient"));
    float[] expected = new float[initial.size()];
    int hidden = network.spec().encoder().hiddenSize();
    int count = golden.get("rows").intValue();
    for (int i = 0; i < ofRows.length; i++) {
      expected[i / (count * hidden) * hidden + i % hidden] += ofRows[i];
    }
    Golden.assertClose(
        "gradient of the initial state",
        Arrays.copyOfRange(gradient.dense(), initial.offset(), initial.end()),
        expected);
  }

  static List<String> richFiles() {
    return Golden.names("language-");
  }

  @Test
  void models_with_everything_are_compared() {
    assertThat(richFiles()).hasSize(16);
  }

  /**
   * Layer normalisation, residual layers, other widths, further columns, smoothed targets, adaptive
   * softmax, dropout.
   */
  @ParameterizedTest
  @MethodSource("richFiles")
  void rich_models_have_the_loss_state_and_gradients_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    Golden.Rows rows = Golden.Rows.of(golden);
    Network network = Golden.richLanguage(golden.get("spec"), false);
    float[] params = Golden.params(network.layout(), golden.get("params"));
    Gradient gradient = new Gradient(params.length);
    float[] state = rows.state(golden.get("state"));
    Batch batch = Golden.richBatch(golden, network);
    long key = golden.get("dropoutKey").longValue();
    assertLoss(pass(network, params).train(batch, state, null, key, gradient), golden);
    Golden.assertClose("final state", state, rows.state(golden.get("finalState")));
    Golden.assertParamsClose(network.layout(), gradient.dense(), golden.get("paramGradients"));
  }

  @ParameterizedTest
  @MethodSource("richFiles")
  void a_learned_state_of_rich_models_gets_the_state_gradients_of_all_rows(String file) {
    JsonNode golden = Golden.read(file);
    Golden.Rows rows = Golden.Rows.of(golden);
    Network network = Golden.richLanguage(golden.get("spec"), true);
    Network without = Golden.richLanguage(golden.get("spec"), false);
    int size = network.layout().size();
    float[] params = Arrays.copyOf(Golden.params(without.layout(), golden.get("params")), size);
    Gradient gradient = new Gradient(size);
    float[] state = rows.state(golden.get("state"));
    long key = golden.get("dropoutKey").longValue();
    Batch batch = Golden.richBatch(golden, network);
    pass(network, params).train(batch, state, new float[state.length], key, gradient);
    int count = rows.order().length;
    float[] ofRows = rows.state(golden.get("stateGradient"));
    float[] expected = new float[ofRows.length / count];
    RnnSpec rnn = network.spec().encoder();
    int from = 0;
    int to = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int width = rnn.hiddenSize(layer);
      for (int i = 0; i < rnn.cell().stateSlots() * count * width; i++) {
        expected[to + i / (count * width) * width + i % width] += ofRows[from + i];
      }
      from += rnn.cell().stateSlots() * count * width;
      to += rnn.cell().stateSlots() * width;
    }
    Param initial = network.layout().get(Network.INITIAL_STATE);
    Golden.assertClose(
        "gradient of the initial state",
        Arrays.copyOfRange(gradient.dense(), initial.offset(), initial.end()),
        expected);
  }

  private static Pass pass(Network network, float[] params) {
    Pass pass = new Pass(network);
    pass.load(params);
    return pass;
  }

  private static void assertLoss(Loss loss, JsonNode golden) {
    int[] targets = Golden.ints(golden.get("targets"));
    assertThat(loss.weight()).isEqualTo(Arrays.stream(targets).filter(id -> id >= 0).count());
    double expected = golden.get("loss").doubleValue();
    assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
  }
}
