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
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.EncoderSpec;
import org.unroll.rnn.nn.Gradient;

/** Readers against the same networks in PyTorch, over its packed sequences. */
class ReaderGoldenTest {

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
    ReaderModel model = new ReaderModel(spec(golden));
    float[] params = Golden.params(model.layout(), golden.get("params"));
    ReaderRunner runner = new ReaderRunner(model, new Team(2));
    runner.setParams(params);
    SequenceBatch batch = new SequenceBatch(model.spec().batchShape());
    batch.fill(examples(golden));
    Gradient gradient = new Gradient(params.length);
    double loss = runner.train(batch, 0, gradient).sum();
    double expected = golden.get("loss").doubleValue();
    assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
    Golden.assertParamsClose(model.layout(), gradient.dense(), golden.get("paramGradients"));
  }

  private static ReaderSpec spec(JsonNode golden) {
    JsonNode spec = golden.get("spec");
    InputSpec inputs =
        InputSpec.ofTokens(spec.get("vocabulary").intValue(), spec.get("embedding").intValue());
    EncoderSpec encoder =
        EncoderSpec.of(
                Golden.cell(spec),
                inputs.width(),
                spec.get("hidden").intValue(),
                spec.get("layers").intValue())
            .with(Direction.valueOf(spec.get("direction").textValue()))
            .with(spec.get("residual").booleanValue(), spec.get("norm").booleanValue());
    JsonNode pooling = spec.get("pooling");
    return new ReaderSpec(
        inputs,
        encoder,
        pooling.isNull() ? null : PoolingType.valueOf(pooling.textValue()),
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

  private static List<SequenceExample> examples(JsonNode golden) {
    List<SequenceExample> examples = new ArrayList<>();
    for (JsonNode sequence : golden.get("sequences")) {
      int[] labels = Golden.ints(golden.get("labels").get(examples.size()));
      examples.add(SequenceExample.ofTokens("s" + examples.size(), Golden.ints(sequence), labels));
    }
    return examples;
  }
}
