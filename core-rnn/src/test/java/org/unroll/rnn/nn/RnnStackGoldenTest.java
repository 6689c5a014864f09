// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/** Packed sequences that go on from states, against PyTorch's recurrent layers. */
class RnnStackGoldenTest {

  static List<String> files() {
    return Golden.names("layer-");
  }

  @Test
  void every_cell_and_up_to_three_layers_are_compared() {
    assertThat(files()).hasSize(36);
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputs_states_and_gradients_are_those_of_pytorch(String file) {
    Case golden = new Case(Golden.read(file));
    // One larger than needed, and used before: what earlier sequences left must not matter.
    Packing larger = new Packing();
    larger.set(new int[] {7, 7, 6, 6, 6, 1, 0}, 7);
    RnnStack stack = golden.stack(larger.positions() + 3, larger.rows() + 2);
    golden.leaveTraces(stack, larger);

    RnnSpec spec = golden.spec;
    float[] x = golden.packed("input", spec.inputSize());
    float[] state = golden.state("state");
    stack.forward(x, null, golden.packing(), state, true, 0);
    int from = stack.outputOffset();
    int size = golden.packing().positions() * spec.outputSize();
    float[] output = Arrays.copyOfRange(stack.output(), from, from + size);
    Golden.assertClose("output", output, golden.packed("output", spec.outputSize()));
    Golden.assertClose("final state", state, golden.state("finalState"));

    float[] dx = new float[x.length];
    float[] dState = golden.state("finalStateGradient");
    Gradient gradient = new Gradient(golden.params.length);
    stack.backward(golden.packed("outputGradient", spec.outputSize()), dx, dState, gradient);
    Golden.assertClose("input gradient", dx, golden.packed("inputGradient", spec.inputSize()));
    Golden.assertClose("state gradient", dState, golden.state("stateGradient"));
    Golden.assertParamsClose(golden.layout, gradient.dense(), golden.json.get("paramGradients"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void the_state_carries_sequences_over_a_cut(String file) {
    Case golden = new Case(Golden.read(file));
    RnnStack stack = golden.stack(golden.packing().positions(), golden.packing().rows());
    float[] state = golden.state("state");
    float[] x = golden.packed("input", golden.spec.inputSize());
    int cut = golden.packing().steps() / 2;
    Packing first = new Packing();
    Packing second = new Packing();
    int[] lengths = TestNetworks.lengths(golden.packing());
    first.set(Arrays.stream(lengths).map(n -> Math.min(n, cut)).toArray(), lengths.length);
    second.set(Arrays.stream(lengths).map(n -> Math.max(0, n - cut)).toArray(), lengths.length);
    int at = golden.packing().at(cut) * golden.spec.inputSize();
    stack.forward(x, null, first, state, false, 0);
    stack.forward(Arrays.copyOfRange(x, at, x.length), null, second, state, false, 0);
    Golden.assertClose("final state", state, golden.state("finalState"));
  }

  private static final class Case {
    final JsonNode json;
    final Golden.Rows rows;
    final RnnSpec spec;
    final ParamLayout layout;
    final float[] params;

    Case(JsonNode json) {
      this.json = json;
      rows = Golden.Rows.of(json);
      int hidden = json.get("hiddenSize").intValue();
      spec =
          new RnnSpec(
              Golden.cell(json),
              json.get("inputSize").intValue(),
              hidden,
              json.get("layers").intValue(),
              hidden,
              json.get("bias").booleanValue(),
              Direction.FORWARD,
              false,
              false,
              DropoutSpec.NONE);
      ParamLayout.Builder builder = new ParamLayout.Builder();
      RnnStack.layOut(spec, "rnn.", builder);
      layout = builder.build();
      params = Golden.params(layout, json.get("params"));
    }

    Packing packing() {
      return rows.packing();
    }

    RnnStack stack(int positions, int rows) {
      RnnStack.Capacity capacity = new RnnStack.Capacity(positions, rows, 0);
      RnnStack stack = new RnnStack(spec, layout, "rnn.", capacity, new Team(2));
      stack.loadForward(params);
      stack.loadBackward(params);
      return stack;
    }

    /** Forward and backward over sequences of other numbers. */
    void leaveTraces(RnnStack stack, Packing packing) {
      float[] x = new float[packing.positions() * spec.inputSize()];
      float[] dy = new float[packing.positions() * spec.outputSize()];
      float[] state = new float[spec.stateSize(packing.rows())];
      Arrays.fill(x, 0.7f);
      Arrays.fill(dy, 0.7f);
      Arrays.fill(state, 0.7f);
      stack.forward(x, null, packing, state, true, 0);
      stack.backward(dy, new float[x.length], state, new Gradient(params.length));
    }

    /** Returns a tensor {@code [T, B, width]} of the file, packed. */
    float[] packed(String name, int width) {
      return rows.floats(json.get(name), width);
    }

    float[] state(String name) {
      return rows.state(json.get(name));
    }
  }
}
