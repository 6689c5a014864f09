// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/** Networks that write against the same networks in PyTorch, and what a plain search finds. */
class WriterGoldenTest {

  static List<String> files() {
    return Golden.names("writer-");
  }

  @Test
  void every_bridge_and_way_to_attend_is_compared() {
    List<DecoderSpec> decoders =
        files().stream().map(file -> spec(Golden.read(file)).decoder()).toList();
    assertThat(decoders).hasSize(7);
    assertThat(decoders).extracting(DecoderSpec::bridge).contains(DecoderSpec.Bridge.values());
    assertThat(decoders).extracting(DecoderSpec::attention).contains(Attention.Type.values());
    assertThat(decoders).extracting(DecoderSpec::attention).containsNull();
  }

  @ParameterizedTest
  @MethodSource("files")
  void loss_and_gradients_are_those_of_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    TaskGoldenTest.assertLossAndGradients(new Network(spec(golden)), golden);
  }

  @ParameterizedTest
  @MethodSource("files")
  void a_search_finds_what_a_plain_one_finds_in_pytorch(String file) {
    JsonNode golden = Golden.read(file);
    Network network = new Network(spec(golden));
    Pass pass = new Pass(network);
    pass.load(Golden.params(network.layout(), golden.get("params")));
    Batch batch = new Batch(network.spec().batchShape());
    List<Example> examples = Golden.examples(golden);
    batch.fill(examples);
    pass.read(batch, null);
    Search search = search(golden.get("search"));
    for (int row = 0; row < batch.rows(); row++) {
      JsonNode expected = golden.get("written").get(examples.indexOf(batch.example(row)));
      List<Prediction.Written> found = pass.prediction(row, search).written();
      assertThat(found).hasSize(expected.size());
      for (int rank = 0; rank < found.size(); rank++) {
        assertWritten(found.get(rank), expected.get(rank));
      }
    }
  }

  private static void assertWritten(Prediction.Written found, JsonNode expected) {
    assertThat(found.tokens()).containsExactly(Golden.ints(expected.get("tokens")));
    double logProbability = expected.get("logProbability").doubleValue();
    double score = expected.get("score").doubleValue();
    assertThat(found.logProbability()).isCloseTo(logProbability, within(-1e-5 * logProbability));
    assertThat(found.score()).isCloseTo(score, within(-1e-5 * score));
  }

  private static Search search(JsonNode given) {
    int beam = given.get("beam").intValue();
    return new Search(
        beam,
        beam,
        given.get("length").doubleValue(),
        given.get("coverage").doubleValue(),
        0,
        given.get("maxLength").intValue(),
        null);
  }

  private static NetworkSpec spec(JsonNode golden) {
    JsonNode spec = golden.get("spec");
    int embedding = spec.get("embedding").intValue();
    InputSpec inputs = InputSpec.ofTokens(spec.get("vocabulary").intValue(), embedding);
    RnnSpec encoder =
        RnnSpec.of(
                Golden.cell(spec),
                inputs.width(),
                spec.get("hidden").intValue(),
                spec.get("layers").intValue())
            .with(Direction.valueOf(spec.get("direction").textValue()));
    int width = spec.get("width").intValue();
    boolean feeds = spec.get("feeding").booleanValue();
    RnnSpec layers =
        RnnSpec.of(
            Golden.cell(spec),
            embedding + (feeds ? width : 0),
            width,
            spec.get("decoderLayers").intValue());
    int vocabulary = spec.get("written").intValue();
    JsonNode attention = spec.get("attention");
    DecoderSpec decoder =
        new DecoderSpec(
            vocabulary,
            spec.get("end").intValue(),
            embedding,
            spec.get("shared").booleanValue(),
            layers,
            DecoderSpec.Bridge.valueOf(spec.get("bridge").textValue()),
            attention.isNull() ? null : Attention.Type.valueOf(attention.textValue()),
            feeds);
    boolean tied = spec.get("tied").booleanValue();
    double smoothing = spec.get("smoothing").doubleValue();
    HeadSpec head = new HeadSpec.Vocabulary(vocabulary, tied, true, smoothing);
    return new NetworkSpec(inputs, encoder, decoder, false, null, head);
  }
}
