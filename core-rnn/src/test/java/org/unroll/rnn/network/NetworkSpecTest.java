// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.BatchShape;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

class NetworkSpecTest {
  private static final HeadSpec CLASSES = new HeadSpec.Softmax(3, Target.SEQUENCE);
  private static final HeadSpec TAGS = new HeadSpec.LinearCrf(3);

  @Test
  void parameters_have_the_names_and_shapes_of_pytorch() {
    InputSpec inputs =
        new InputSpec(
            List.of(new InputSpec.TokenColumn(9, 4), new InputSpec.TokenColumn(5, 2)),
            3,
            new InputSpec.WordSpec(7, 2, CellType.LSTM, 1, Pooling.Type.ATTENTION));
    RnnSpec encoder =
        RnnSpec.of(CellType.GRU, inputs.width(), 6, 2).with(Direction.BOTH).with(false, true);
    Network network = new Network(NetworkSpec.of(inputs, encoder, null, TAGS));
    assertThat(network.layout().params())
        .extracting(Param::name)
        .startsWith("embedding.weight", "embedding_1.weight", "words.embedding.weight")
        .contains("words.rnn.weight_ih_l0_reverse", "words.attention.query")
        .contains("rnn.weight_hh_l1", "rnn.bias_ih_l1_reverse", "rnn.norm_l0.weight")
        .endsWith(
            "decoder.weight",
            "decoder.bias",
            "crf.transitions",
            "crf.start_transitions",
            "crf.end_transitions");
    assertThat(network.layout().get("rnn.weight_ih_l0").shape()).containsExactly(18, 4 + 2 + 3 + 2);
    assertThat(network.layout().get("rnn.weight_ih_l1").shape()).containsExactly(18, 12);
    assertThat(network.layout().get("decoder.weight").shape()).containsExactly(3, 12);
    assertThat(network.spec().batchShape()).isEqualTo(new BatchShape(2, true, 3, Target.STEP, 0));
  }

  @Test
  void specifications_that_make_no_sense_are_refused() {
    InputSpec inputs = InputSpec.ofTokens(5, 4);
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 4, 3, 1);
    assertThatThrownBy(() -> NetworkSpec.of(InputSpec.ofFeatures(2), encoder, null, TAGS))
        .hasMessage("the encoder reads 4 numbers a step but the inputs have 2");
    assertThatThrownBy(() -> NetworkSpec.of(inputs, encoder, null, CLASSES))
        .hasMessage("a head that answers for sequences needs a pooling");
    assertThatThrownBy(() -> NetworkSpec.of(inputs, encoder, Pooling.Type.MAX, TAGS))
        .hasMessage("pooling MAX leaves no steps, but the head answers for each");
    assertThatThrownBy(() -> InputSpec.ofFeatures(0))
        .hasMessage("there is nothing to read: no tokens and no features");
    assertThatThrownBy(() -> DropoutSpec.around(1, false))
        .hasMessage("input dropout must be in [0, 1) but was 1.0");
    assertThatThrownBy(() -> RnnSpec.of(CellType.LSTM, 4, 0, 1))
        .hasMessage("hidden size must be positive but was 0");
  }

  @Test
  void batches_without_a_step_are_read_and_trained_on() {
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 4, 3, 2).with(Direction.BOTH);
    for (Pooling.Type pooling : Pooling.Type.values()) {
      Network network =
          new Network(NetworkSpec.of(InputSpec.ofTokens(5, 4), encoder, pooling, CLASSES));
      Pass pass = new Pass(network, new Team(2));
      pass.load(new float[network.layout().size()]);
      Batch batch = new Batch(network.spec().batchShape());
      Gradient gradient = new Gradient(network.layout().size());
      assertThat(pass.train(batch, 0, gradient)).isEqualTo(Loss.ZERO);
      batch.fill(List.of(Example.ofTokens("empty", new int[0], 1)));
      assertThat(pass.train(batch, 0, gradient).mean()).isCloseTo(Math.log(3), within(1e-6));
      pass.read(batch, null);
      assertThat(pass.prediction(0, 1).probabilities()).containsOnly(1 / 3f);
      assertThat(pass.vector(0)).containsOnly(0);
      assertThat(pass.outputs(0)).isEmpty();
    }
  }

  @Test
  void what_a_pass_cannot_do_is_said() {
    Network network =
        new Network(
            NetworkSpec.of(
                InputSpec.ofTokens(5, 4),
                RnnSpec.of(CellType.GRU, 4, 3, 1),
                Pooling.Type.LAST,
                CLASSES));
    Pass pass = new Pass(network);
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(List.of(Example.ofTokens("s", new int[] {5}, 1)));
    assertThatThrownBy(() -> pass.read(batch, null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no parameters were loaded before the first pass");
    assertThatThrownBy(() -> pass.load(new float[3]))
        .hasMessageContaining("parameters but was given 3");
    pass.load(new float[network.layout().size()]);
    assertThatThrownBy(() -> pass.read(batch, null))
        .hasMessage("token id 5 is outside the vocabulary of 5");
  }
}
