// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/** Packed sequences that go on from states, against PyTorch's recurrent layers. */
class EncoderGoldenTest {

  static List<String> files() {
    return Golden.names("layer-");
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputs_states_and_gradients_are_those_of_pytorch(String file) {
    Case golden = new Case(Golden.read(file));
    EncoderSpec spec = golden.spec;
    int n = golden.packing.positions();
    Encoder.Capacity capacity = new Encoder.Capacity(n + 3, golden.steps + 1, golden.rows + 2, 0);
    Encoder encoder = new Encoder(spec, golden.layout, "rnn.", capacity, new Team(2));
    encoder.loadForward(golden.params);
    encoder.loadBackward(golden.params);
    float[] x = golden.packed("input", spec.inputSize());
    float[] state = golden.state("state");
    encoder.forwardTraining(x, null, golden.packing, state, 0);
    int from = encoder.outputOffset();
    float[] output = Arrays.copyOfRange(encoder.output(), from, from + n * spec.outputSize());
    Golden.assertClose("output", output, golden.packed("output", spec.outputSize()));
    Golden.assertClose("final state", state, golden.state("finalState"));

    float[] dx = new float[x.length];
    float[] dState = golden.state("finalStateGradient");
    Gradient gradient = new Gradient(golden.params.length);
    encoder.backward(golden.packed("outputGradient", spec.outputSize()), dx, dState, gradient);
    Golden.assertClose("input gradient", dx, golden.packed("inputGradient", spec.inputSize()));
    Golden.assertClose("state gradient", dState, golden.state("stateGradient"));
    Golden.assertParamsClose(golden.layout, gradient.dense(), golden.json.get("paramGradients"));
  }

  private static final class Case {
    final JsonNode json;
    final int steps;
    final int rows;
    final EncoderSpec spec;
    final ParamLayout layout;
    final float[] params;
    final Packing packing = new Packing();

    /** The rows of the file, the longest first. */
    final int[] order;

    Case(JsonNode json) {
      this.json = json;
      steps = json.get("steps").intValue();
      rows = json.get("rows").intValue();
      int[] lengths = Golden.lengths(json);
      int[] all = lengths == null ? IntStream.range(0, rows).map(i -> steps).toArray() : lengths;
      order =
          IntStream.range(0, rows)
              .boxed()
              .sorted(Comparator.comparingInt(row -> -all[row]))
              .mapToInt(Integer::intValue)
              .toArray();
      packing.set(Arrays.stream(order).map(row -> all[row]).toArray(), rows);
      spec =
          new EncoderSpec(
              Golden.cell(json),
              json.get("inputSize").intValue(),
              json.get("hiddenSize").intValue(),
              json.get("layers").intValue(),
              json.get("bias").booleanValue(),
              Direction.FORWARD,
              false,
              false,
              DropoutSpec.NONE);
      ParamLayout.Builder builder = new ParamLayout.Builder();
      Encoder.layOut(spec, "rnn.", builder);
      layout = builder.build();
      params = Golden.params(layout, json.get("params"));
    }

    /** A tensor {@code [T, B, width]} of the file, packed. */
    float[] packed(String name, int width) {
      float[] given = Golden.floats(json.get(name));
      float[] packed = new float[packing.positions() * width];
      for (int t = 0; t < packing.steps(); t++) {
        for (int row = 0; row < packing.rowsAt(t); row++) {
          int from = (t * rows + order[row]) * width;
          System.arraycopy(given, from, packed, (packing.at(t) + row) * width, width);
        }
      }
      return packed;
    }

    float[] state(String name) {
      float[] given = Golden.state(json.get(name));
      float[] ordered = new float[given.length];
      int width = spec.hiddenSize();
      for (int i = 0; i < given.length / width; i++) {
        int from = (i / rows * rows + order[i % rows]) * width;
        System.arraycopy(given, from, ordered, i * width, width);
      }
      return ordered;
    }
  }
}
