// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
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
        TestNetworks.with(
            RnnSpec.of(CellType.GRU, inputs.width(), 6, 2).with(Direction.BOTH), false, true);
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
    assertThat(network.spec().batchShape()).isEqualTo(new Batch.Shape(2, true, 3, Target.STEP, 0));
  }

  @Test
  void a_narrow_last_layer_has_the_shapes_of_the_embedding() {
    RnnSpec rnn =
        new RnnSpec(
            CellType.LSTM, 4, 7, 3, 4, true, Direction.FORWARD, false, false, DropoutSpec.NONE);
    Network tied = new Network(NetworkSpec.languageModel(11, rnn, true, true, true));
    assertThat(tied.layout().params())
        .extracting(Param::name)
        .startsWith("embedding.weight", "rnn.weight_ih_l0")
        .endsWith("rnn.bias_hh_l2", "decoder.bias", "rnn.initial_state");
    assertThat(tied.layout().get("rnn.weight_hh_l1").shape()).containsExactly(28, 7);
    assertThat(tied.layout().get("rnn.weight_ih_l2").shape()).containsExactly(16, 7);
    assertThat(tied.layout().get("rnn.weight_hh_l2").shape()).containsExactly(16, 4);
    assertThat(tied.layout().get("rnn.initial_state").shape()).containsExactly(2 * (7 + 7 + 4));
    assertThat(tied.stateSize(5)).isEqualTo(5 * 2 * (7 + 7 + 4));
    Network own = new Network(NetworkSpec.languageModel(11, rnn, false, false, false));
    assertThat(own.layout().get("decoder.weight").shape()).containsExactly(11, 4);
    assertThat(own.layout().contains("decoder.bias")).isFalse();
    Network equal =
        new Network(
            NetworkSpec.languageModel(11, RnnSpec.of(CellType.GRU, 4, 7, 3), false, true, true));
    assertThat(equal.layout().get("rnn.initial_state").shape()).containsExactly(3, 1, 7);
  }

  @Test
  void language_models_that_make_no_sense_are_refused() {
    RnnSpec wide = RnnSpec.of(CellType.LSTM, 4, 6, 2);
    HeadSpec.Vocabulary tied = new HeadSpec.Vocabulary(11, true, true);
    HeadSpec.Vocabulary own = new HeadSpec.Vocabulary(11, false, true);
    InputSpec inputs = InputSpec.ofTokens(11, 4);
    String message = "tied weights need an embedding of the 11 tokens, as wide as the last layer";
    assertThatThrownBy(() -> NetworkSpec.of(inputs, wide, null, tied))
        .hasMessage(message + ", whose width is 6");
    RnnSpec right = RnnSpec.of(CellType.LSTM, 4, 4, 2);
    assertThatThrownBy(() -> NetworkSpec.of(InputSpec.ofTokens(12, 4), right, null, tied))
        .hasMessageStartingWith(message);
    assertThatThrownBy(() -> NetworkSpec.of(new InputSpec(List.of(), 4, null), right, null, tied))
        .hasMessageStartingWith(message);
    for (Direction direction : new Direction[] {Direction.REVERSE, Direction.BOTH}) {
      assertThatThrownBy(() -> NetworkSpec.of(inputs, right.with(direction), null, own))
          .hasMessage("a network that reads " + direction + " has seen the token it is to predict");
    }
    assertThatThrownBy(() -> NetworkSpec.of(inputs, right, Pooling.Type.LAST, own))
        .hasMessage("pooling LAST leaves no steps, but the head answers for each");
    assertThatThrownBy(
            () ->
                new RnnSpec(
                    CellType.GRU,
                    4,
                    6,
                    2,
                    4,
                    true,
                    Direction.FORWARD,
                    true,
                    false,
                    DropoutSpec.NONE))
        .hasMessage(
            "residual layers must be equally wide, but the last has a width of 4 and the others"
                + " of 6");
  }

  @Test
  void clusters_of_rare_tokens_have_the_parameters_of_pytorch() {
    HeadSpec head = new HeadSpec.Vocabulary(100, false, true, 0, List.of(10, 30), 4);
    RnnSpec rnn = RnnSpec.of(CellType.LSTM, 4, 19, 1);
    NetworkSpec spec = NetworkSpec.of(InputSpec.ofTokens(100, 4), rnn, null, head);
    Network network = new Network(spec);
    assertThat(network.layout().params())
        .extracting(Param::name)
        .endsWith(
            "rnn.bias_hh_l0",
            "decoder.head.weight",
            "decoder.head.bias",
            "decoder.tail.0.0.weight",
            "decoder.tail.0.1.weight",
            "decoder.tail.1.0.weight",
            "decoder.tail.1.1.weight");
    assertThat(network.layout().get("decoder.head.weight").shape()).containsExactly(12, 19);
    assertThat(network.layout().get("decoder.head.bias").shape()).containsExactly(12);
    assertThat(network.layout().get("decoder.tail.0.0.weight").shape()).containsExactly(4, 19);
    assertThat(network.layout().get("decoder.tail.0.1.weight").shape()).containsExactly(20, 4);
    assertThat(network.layout().get("decoder.tail.1.0.weight").shape()).containsExactly(1, 19);
    assertThat(network.layout().get("decoder.tail.1.1.weight").shape()).containsExactly(70, 1);
  }

  @Test
  void clusters_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> clusters(9, false, 0, List.of(5, 5), 4))
        .hasMessage("cutoffs must ascend from 1 on, but 5 comes behind 5");
    assertThatThrownBy(() -> clusters(9, false, 0, List.of(0, 5), 4))
        .hasMessage("cutoffs must ascend from 1 on, but 0 comes behind 0");
    assertThatThrownBy(() -> clusters(9, false, 0, List.of(5, 9), 4))
        .hasMessage("cutoffs must be below the 9 tokens of the vocabulary, but one is 9");
    assertThatThrownBy(() -> clusters(9, false, 0, List.of(5), 0))
        .hasMessage("divisor must be positive but was 0");
    assertThatThrownBy(() -> clusters(9, true, 0, List.of(5), 4))
        .hasMessageStartingWith("tied weights and cutoffs do not go together");
    assertThatThrownBy(() -> clusters(9, false, 0.1, List.of(5), 4))
        .hasMessageStartingWith("label smoothing and cutoffs do not go together");
    HeadSpec two = clusters(9, false, 0, List.of(5, 7), 4);
    RnnSpec narrow = RnnSpec.of(CellType.GRU, 4, 15, 1);
    assertThatThrownBy(() -> NetworkSpec.of(InputSpec.ofTokens(9, 4), narrow, null, two))
        .hasMessage(
            "2 clusters are too many for vectors of 15: each has narrower ones by a factor of 4,"
                + " which leaves nothing for the last");
  }

  private static HeadSpec clusters(
      int tokens, boolean tied, double smoothing, List<Integer> cutoffs, int divisor) {
    return new HeadSpec.Vocabulary(tokens, tied, true, smoothing, cutoffs, divisor);
  }

  @Test
  void a_language_model_answers_with_the_losses_of_the_tokens() {
    Network network =
        new Network(
            NetworkSpec.languageModel(4, RnnSpec.of(CellType.GRU, 3, 5, 1), false, true, false));
    Pass pass = new Pass(network);
    pass.load(new float[network.layout().size()]);
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(
        List.of(
            Example.ofTokens("short", new int[] {1}, 2),
            Example.ofTokens("long", new int[] {1, 2, 3}, 2, Batch.MASKED, 0)));
    pass.read(batch, null);
    float loss = (float) Math.log(4);
    assertThat(pass.prediction(0, null).values()).containsExactly(loss, Float.NaN, loss);
    assertThat(pass.prediction(1, null).values()).containsExactly(loss);
    assertThat(pass.loss()).isEqualTo(new Loss(3 * Math.log(4), 3));
  }

  @Test
  void specifications_that_make_no_sense_are_refused() {
    InputSpec inputs = InputSpec.ofTokens(5, 4);
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 4, 3, 1);
    assertThatThrownBy(() -> NetworkSpec.of(new InputSpec(List.of(), 2, null), encoder, null, TAGS))
        .hasMessage("the encoder reads 4 numbers a step but the inputs have 2");
    assertThatThrownBy(() -> NetworkSpec.of(inputs, encoder, null, CLASSES))
        .hasMessage("a head that answers for sequences needs a pooling");
    assertThatThrownBy(() -> NetworkSpec.of(inputs, encoder, Pooling.Type.MAX, TAGS))
        .hasMessage("pooling MAX leaves no steps, but the head answers for each");
    assertThatThrownBy(() -> new InputSpec(List.of(), 0, null))
        .hasMessage("there is nothing to read: no tokens and no features");
    assertThatThrownBy(() -> TestNetworks.around(1, false))
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
      assertThat(pass.prediction(0, null).probabilities()).containsOnly(1 / 3f);
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
    Network wider =
        new Network(
            NetworkSpec.of(
                new InputSpec(List.of(new InputSpec.TokenColumn(5, 4)), 1, null),
                RnnSpec.of(CellType.GRU, 5, 3, 1),
                Pooling.Type.LAST,
                CLASSES));
    Pass more = new Pass(wider);
    more.load(new float[wider.layout().size()]);
    assertThatThrownBy(() -> more.step(new int[] {1}, 1, new float[3], new float[3]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a step is one token only where the network reads nothing else");
  }
}
