// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/** Networks that begin with the parts of others. */
class TransferTest {
  private static final List<String> THERE = List.of("<unk>", "sun", "rain", "wind", "fog");
  private static final List<String> HERE = List.of("<unk>", "fog", "snow", "sun");

  private static Network language(CellType cell, int embedding, int hidden, int layers) {
    RnnSpec rnn = RnnSpec.of(cell, embedding, hidden, layers);
    return new Network(NetworkSpec.languageModel(THERE.size(), rnn, false, true, false));
  }

  private static InputSpec inputs(int features) {
    return new InputSpec(List.of(new InputSpec.TokenColumn(HERE.size(), 4)), features, null);
  }

  private static Network classifier(InputSpec inputs, RnnSpec rnn) {
    HeadSpec head = new HeadSpec.Softmax(2, Target.SEQUENCE, 0, null);
    return new Network(
        NetworkSpec.of(inputs, rnn.withInput(inputs.width()), Pooling.Type.MAX, head));
  }

  private static Transfer.Names names(List<String> tokens, List<String> labels) {
    return new Transfer.Names(List.of(tokens), null, null, labels);
  }

  private static Transfer ofLanguage(Network before, Network after) {
    return new Transfer(before, names(THERE, null), after, names(HERE, List.of("a", "b")));
  }

  /** Returns parameters that tell where they come from. */
  private static float[] numbered(Network network) {
    float[] params = new float[network.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = 1000 + i;
    }
    return params;
  }

  private static float at(Network network, float[] params, String name, int row, int column) {
    Param param = network.layout().get(name);
    int columns = param.size() / param.shape().get(0);
    return params[param.offset() + row * columns + column];
  }

  @Test
  void a_classifier_takes_vectors_by_token_and_the_layers_of_a_language_model() {
    Network before = language(CellType.GRU, 4, 3, 2);
    Network after = classifier(inputs(0), RnnSpec.of(CellType.GRU, 4, 3, 2));
    Transfer transfer = ofLanguage(before, after);
    assertThat(transfer.differenceOrNull()).isNull();
    float[] params = numbered(before);
    Transfer.Beginning begun = transfer.begin(params, InitSpec.PYTORCH, 5);
    assertThat(begun.taken().get("embedding")).isEqualTo(new Transfer.Rows(3, 4));
    assertThat(begun.taken()).containsOnlyKeys("embedding", "rnn_l0", "rnn_l1");
    assertThat(begun.drawn()).containsExactly("decoder");
    float[] drawn = Initializer.draw(after, InitSpec.PYTORCH, 5);
    int[] rows = {0, 4, -1, 1};
    for (int i = 0; i < rows.length; i++) {
      float expected =
          rows[i] < 0
              ? at(after, drawn, Network.EMBEDDING, i, 2)
              : at(before, params, Network.EMBEDDING, rows[i], 2);
      assertThat(at(after, begun.params(), Network.EMBEDDING, i, 2)).isEqualTo(expected);
    }
    assertThat(at(after, begun.params(), "rnn.weight_hh_l1", 5, 1))
        .isEqualTo(at(before, params, "rnn.weight_hh_l1", 5, 1));
    assertThat(at(after, begun.params(), Network.DECODER, 1, 2))
        .isEqualTo(at(after, drawn, Network.DECODER, 1, 2));
  }

  @Test
  void layers_above_those_of_both_directions_are_drawn() {
    Network before = language(CellType.LSTM, 4, 3, 2);
    RnnSpec both = RnnSpec.of(CellType.LSTM, 4, 3, 2).with(Direction.BOTH);
    Transfer.Beginning begun =
        ofLanguage(before, classifier(inputs(0), both))
            .begin(numbered(before), InitSpec.PYTORCH, 5);
    assertThat(begun.taken()).containsOnlyKeys("embedding", "rnn_l0");
    assertThat(begun.drawn())
        .containsExactly("rnn_l0_reverse", "rnn_l1", "rnn_l1_reverse", "decoder");
  }

  @Test
  void weights_of_inputs_that_were_not_read_are_drawn() {
    Network before = language(CellType.LSTM, 4, 3, 1);
    Network after = classifier(inputs(2), RnnSpec.of(CellType.LSTM, 4, 3, 1));
    float[] params = numbered(before);
    Transfer.Beginning begun = ofLanguage(before, after).begin(params, InitSpec.PYTORCH, 5);
    float[] drawn = Initializer.draw(after, InitSpec.PYTORCH, 5);
    assertThat(begun.taken()).containsKey("rnn_l0");
    assertThat(at(after, begun.params(), "rnn.weight_ih_l0", 7, 3))
        .isEqualTo(at(before, params, "rnn.weight_ih_l0", 7, 3));
    assertThat(at(after, begun.params(), "rnn.weight_ih_l0", 7, 4))
        .isEqualTo(at(after, drawn, "rnn.weight_ih_l0", 7, 4));
  }

  @Test
  void labels_of_a_head_are_matched_by_name() {
    RnnSpec rnn = RnnSpec.of(CellType.LSTM, 4, 3, 1);
    Network before = new Network(NetworkSpec.of(inputs(0), rnn, null, new HeadSpec.LinearCrf(3)));
    Network after = new Network(NetworkSpec.of(inputs(0), rnn, null, new HeadSpec.LinearCrf(2)));
    Transfer transfer =
        new Transfer(
            before, names(HERE, List.of("O", "B", "I")), after, names(HERE, List.of("I", "O")));
    float[] params = numbered(before);
    float[] begun = transfer.begin(params, InitSpec.PYTORCH, 5).params();
    assertThat(at(after, begun, "crf.transitions", 0, 1))
        .isEqualTo(at(before, params, "crf.transitions", 2, 0));
    assertThat(at(after, begun, "crf.start_transitions", 0, 0))
        .isEqualTo(at(before, params, "crf.start_transitions", 2, 0));
    assertThat(at(after, begun, Network.DECODER_BIAS, 1, 0))
        .isEqualTo(at(before, params, Network.DECODER_BIAS, 0, 0));
    Network other = classifier(inputs(0), rnn);
    Transfer.Beginning strange =
        new Transfer(other, names(HERE, List.of("x", "y")), after, names(HERE, List.of("I", "O")))
            .begin(numbered(other), InitSpec.PYTORCH, 5);
    assertThat(strange.drawn())
        .contains("decoder", "crf.transitions", "crf.start_transitions", "crf.end_transitions");
  }

  @Test
  void what_cannot_be_read_here_is_told_with_both_sides() {
    Network after = classifier(inputs(0), RnnSpec.of(CellType.LSTM, 4, 3, 1));
    assertThat(ofLanguage(language(CellType.GRU, 4, 3, 1), after).differenceOrNull())
        .isEqualTo("its cells are GRU and here LSTM (--cell)");
    assertThat(ofLanguage(language(CellType.LSTM, 4, 8, 1), after).differenceOrNull())
        .isEqualTo("its first layer has 8 units and here 3 (--hidden)");
    assertThat(ofLanguage(language(CellType.LSTM, 6, 3, 1), after).differenceOrNull())
        .isEqualTo("its vectors of tokens have 6 numbers and here 4 (--embedding)");
    Transfer strangers =
        new Transfer(
            language(CellType.LSTM, 4, 3, 1),
            names(List.of("<unk>", "a", "b", "c", "d"), null),
            after,
            names(HERE, List.of("a", "b")));
    assertThat(strangers.differenceOrNull()).contains("none of the tokens");
  }
}
