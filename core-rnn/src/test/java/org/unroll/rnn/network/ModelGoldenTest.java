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

/** Whole models, from token ids to the loss and back, against PyTorch. */
class ModelGoldenTest {

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
    SequenceModel model = Golden.model(golden.get("spec"), false);
    float[] params = Golden.params(model.layout(), golden.get("params"));
    Gradient gradient = new Gradient(params.length);
    float[] state = Golden.state(golden.get("state"));
    Loss loss = runner(model, golden, params).train(batch(golden), state, true, 0, gradient);
    assertLoss(loss, golden);
    Golden.assertClose("final state", state, Golden.state(golden.get("finalState")));
    Golden.assertParamsClose(model.layout(), gradient.dense(), golden.get("paramGradients"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void evaluation_gives_the_loss_and_state_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    SequenceModel model = Golden.model(golden.get("spec"), false);
    float[] params = Golden.params(model.layout(), golden.get("params"));
    float[] state = Golden.state(golden.get("state"));
    assertLoss(runner(model, golden, params).evaluate(batch(golden), state), golden);
    Golden.assertClose("final state", state, Golden.state(golden.get("finalState")));
  }

  @ParameterizedTest
  @MethodSource("files")
  void a_learned_state_gets_the_state_gradients_of_all_rows(String file) {
    JsonNode golden = Golden.read(file);
    SequenceModel model = Golden.model(golden.get("spec"), true);
    Param initial = model.layout().get(SequenceModel.INITIAL_STATE);
    SequenceModel without = Golden.model(golden.get("spec"), false);
    float[] params =
        Arrays.copyOf(Golden.params(without.layout(), golden.get("params")), model.layout().size());
    Gradient gradient = new Gradient(params.length);
    float[] state = Golden.state(golden.get("state"));
    runner(model, golden, params).train(batch(golden), state, true, 0, gradient);
    float[] rows = Golden.state(golden.get("stateGradient"));
    float[] expected = new float[initial.size()];
    int hidden = model.spec().hidden();
    int count = golden.get("rows").intValue();
    for (int i = 0; i < rows.length; i++) {
      expected[i / (count * hidden) * hidden + i % hidden] += rows[i];
    }
    Golden.assertClose(
        "gradient of the initial state",
        Arrays.copyOfRange(gradient.dense(), initial.offset(), initial.end()),
        expected);
  }

  private static ModelRunner runner(SequenceModel model, JsonNode golden, float[] params) {
    int steps = golden.get("steps").intValue();
    int rows = golden.get("rows").intValue();
    ModelRunner runner = new ModelRunner(model, steps, rows);
    runner.setParams(params);
    return runner;
  }

  private static Batch batch(JsonNode golden) {
    Batch batch = Golden.batch(golden, golden.get("rows").intValue());
    int[] lengths = Golden.lengths(golden);
    if (lengths != null) {
      System.arraycopy(lengths, 0, batch.lengths(), 0, lengths.length);
    }
    return batch;
  }

  private static void assertLoss(Loss loss, JsonNode golden) {
    int[] targets = Golden.ints(golden.get("targets"));
    assertThat(loss.weight()).isEqualTo(Arrays.stream(targets).filter(id -> id >= 0).count());
    double expected = golden.get("loss").doubleValue();
    assertThat(loss.sum()).isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
  }
}
