// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;

/** Networks for tasks against the same networks in PyTorch, over its packed sequences. */
class TaskGoldenTest {

  static List<String> files() {
    return Golden.names("reader-");
  }

  @Test
  void every_pooling_and_direction_is_compared() {
    assertThat(files()).hasSize(9);
  }

  @ParameterizedTest
  @MethodSource("files")
  void loss_and_gradients_are_those_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    assertLossAndGradients(new Network(spec(golden)), golden);
  }

  static void assertLossAndGradients(Network network, JsonNode golden) {
    float[] params = Golden.params(network.layout(), golden.get("params"));
    Pass pass = new Pass(network, new Team(2));
    pass.load(params);
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(Golden.examples(golden));
    Gradient gradient = new Gradient(params.length);
    double loss = pass.train(batch, 0, gradient).sum();
    double expected = golden.get("loss").doubleValue();
    assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
    Golden.assertParamsClose(network.layout(), gradient.dense(), golden.get("paramGradients"));
  }

  private static NetworkSpec spec(JsonNode golden) {
    JsonNode spec = golden.get("spec");
    InputSpec inputs =
        InputSpec.ofTokens(spec.get("vocabulary").intValue(), spec.get("embedding").intValue());
    RnnSpec layers =
        RnnSpec.of(
                Golden.cell(spec),
                inputs.width(),
                spec.get("hidden").intValue(),
                spec.get("layers").intValue())
            .with(Direction.valueOf(spec.get("direction").textValue()));
    boolean residual = spec.get("residual").booleanValue();
    RnnSpec encoder = TestNetworks.with(layers, residual, spec.get("norm").booleanValue());
    JsonNode pooling = spec.get("pooling");
    return NetworkSpec.of(
        inputs,
        encoder,
        pooling.isNull() ? null : Pooling.Type.valueOf(pooling.textValue()),
        head(golden));
  }

  private static HeadSpec head(JsonNode golden) {
    JsonNode spec = golden.get("spec");
    int outputs = spec.get("outputs").intValue();
    return switch (spec.get("head").textValue()) {
      case "classify" -> new HeadSpec.Softmax(outputs, Target.SEQUENCE);
      case "tag" -> {
        List<Double> weights = new ArrayList<>();
        for (float weight : Golden.floats(golden.get("classWeights"))) {
          weights.add((double) weight);
        }
        double smoothing = spec.get("smoothing").doubleValue();
        yield new HeadSpec.Softmax(outputs, Target.STEP, smoothing, weights);
      }
      default -> new HeadSpec.Alignment(outputs - 1);
    };
  }
}
