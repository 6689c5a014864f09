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
import org.unroll.rnn.math.Team;

/** Recurrent layers against those of PyTorch. */
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
  void a_window_and_its_gradients_are_those_of_pytorch(String file) {
    Case golden = new Case(Golden.read(file));
    // One larger than needed, and used before: what an earlier window left must not matter.
    RnnStack stack = golden.stack(golden.steps + 2, golden.rows + 1);
    golden.leaveTraces(stack, golden.steps + 2, golden.rows + 1);
    golden.assertRun(stack);
  }

  @ParameterizedTest
  @MethodSource("files")
  void the_state_carries_a_window_over_a_cut(String file) {
    Case golden = new Case(Golden.read(file));
    RnnStack stack = golden.stack(golden.steps, golden.rows);
    float[] state = golden.state();
    int cut = golden.steps / 2;
    golden.forward(stack, 0, cut, state);
    golden.forward(stack, cut, golden.steps, state);
    Golden.assertClose("final state", state, Golden.state(golden.json.get("finalState")));
  }

  private static final class Case {
    final JsonNode json;
    final int steps;
    final int rows;
    final int[] lengths;
    final RnnSpec spec;
    final ParamLayout layout;
    final float[] params;
    final float[] input;

    Case(JsonNode json) {
      this.json = json;
      steps = json.get("steps").intValue();
      rows = json.get("rows").intValue();
      lengths = Golden.lengths(json);
      spec =
          new RnnSpec(
              Golden.cell(json),
              json.get("inputSize").intValue(),
              json.get("hiddenSize").intValue(),
              json.get("layers").intValue(),
              json.get("bias").booleanValue(),
              0);
      ParamLayout.Builder builder = new ParamLayout.Builder();
      RnnStack.layOut(spec, "rnn.", builder);
      layout = builder.build();
      params = Golden.params(layout, json.get("params"));
      input = Golden.floats(json.get("input"));
    }

    RnnStack stack(int maxSteps, int maxRows) {
      RnnStack stack = new RnnStack(spec, layout, "rnn.", maxSteps, maxRows, 0, new Team(2));
      stack.loadForward(params);
      stack.loadBackward(params);
      return stack;
    }

    float[] state() {
      return Golden.state(json.get("state"));
    }

    /** Forward and backward over a whole window of other numbers. */
    void leaveTraces(RnnStack stack, int steps, int rows) {
      float[] x = new float[steps * rows * spec.inputSize()];
      float[] dy = new float[steps * rows * spec.hiddenSize()];
      float[] state = new float[spec.stateSize(rows)];
      Arrays.fill(x, 0.7f);
      Arrays.fill(dy, 0.7f);
      Arrays.fill(state, 0.7f);
      stack.forwardTraining(x, null, steps, rows, null, state, 0);
      stack.backward(dy, new float[x.length], state, new Gradient(params.length));
    }

    /** Steps [from, to) of the window. */
    void forward(RnnStack stack, int from, int to, float[] state) {
      int width = rows * spec.inputSize();
      float[] x = Arrays.copyOfRange(input, from * width, to * width);
      int[] left = lengths == null ? null : lengths.clone();
      for (int row = 0; left != null && row < rows; row++) {
        left[row] = Math.max(0, Math.min(to, left[row]) - from);
      }
      stack.forward(x, null, to - from, rows, left, state);
    }

    void assertRun(RnnStack stack) {
      float[] state = state();
      stack.forwardTraining(input, null, steps, rows, lengths, state, 0);
      int from = stack.outputOffset();
      int size = steps * rows * spec.hiddenSize();
      float[] output = Arrays.copyOfRange(stack.output(), from, from + size);
      padWith(0, output);
      Golden.assertClose("output", output, Golden.floats(json.get("output")));
      Golden.assertClose("final state", state, Golden.state(json.get("finalState")));

      float[] dy = Golden.floats(json.get("outputGradient"));
      padWith(Float.NaN, dy);
      float[] dx = new float[input.length];
      float[] dState = Golden.state(json.get("finalStateGradient"));
      Gradient gradient = new Gradient(params.length);
      stack.backward(dy, dx, dState, gradient);
      Golden.assertClose("input gradient", dx, Golden.floats(json.get("inputGradient")));
      Golden.assertClose("state gradient", dState, Golden.state(json.get("stateGradient")));
      Golden.assertParamsClose(layout, gradient.dense(), json.get("paramGradients"));
    }

    /** Sets the padded steps: their outputs are not compared, their gradients must not be read. */
    private void padWith(float value, float[] x) {
      for (int row = 0; lengths != null && row < rows; row++) {
        for (int t = lengths[row]; t < steps; t++) {
          int at = (t * rows + row) * spec.hiddenSize();
          Arrays.fill(x, at, at + spec.hiddenSize(), value);
        }
      }
    }
  }
}
