// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.BatchShape;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.data.SequenceBatch;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;

class ReaderSpecTest {
  private static final HeadSpec CLASSES = new HeadSpec.Softmax(3, Target.SEQUENCE);
  private static final HeadSpec TAGS = new HeadSpec.LinearCrf(3);

  @Test
  void parameters_have_the_names_and_shapes_of_pytorch() {
    InputSpec inputs =
        new InputSpec(
            List.of(new TokenColumn(9, 4), new TokenColumn(5, 2)),
            3,
            new WordSpec(7, 2, CellType.LSTM, 1, PoolingType.ATTENTION));
    EncoderSpec encoder =
        EncoderSpec.of(CellType.GRU, inputs.width(), 6, 2).with(Direction.BOTH).with(false, true);
    ReaderModel model = new ReaderModel(new ReaderSpec(inputs, encoder, null, TAGS));
    assertThat(model.layout().params())
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
    assertThat(model.layout().get("rnn.weight_ih_l0").shape()).containsExactly(18, 4 + 2 + 3 + 2);
    assertThat(model.layout().get("rnn.weight_ih_l1").shape()).containsExactly(18, 12);
    assertThat(model.layout().get("decoder.weight").shape()).containsExactly(3, 12);
    assertThat(model.spec().batchShape()).isEqualTo(new BatchShape(2, true, 3, Target.STEP, 0));
  }

  @Test
  void specifications_that_make_no_sense_are_refused() {
    InputSpec inputs = InputSpec.ofTokens(5, 4);
    EncoderSpec encoder = EncoderSpec.of(CellType.LSTM, 4, 3, 1);
    assertThatThrownBy(() -> new ReaderSpec(InputSpec.ofFeatures(2), encoder, null, TAGS))
        .hasMessage("the encoder reads 4 numbers a step but the inputs have 2");
    assertThatThrownBy(() -> new ReaderSpec(inputs, encoder, null, CLASSES))
        .hasMessage("a head that answers for sequences needs a pooling");
    assertThatThrownBy(() -> new ReaderSpec(inputs, encoder, PoolingType.MAX, TAGS))
        .hasMessage("pooling MAX leaves no steps, but the head answers for each");
    assertThatThrownBy(() -> InputSpec.ofFeatures(0))
        .hasMessage("there is nothing to read: no tokens and no features");
    assertThatThrownBy(() -> DropoutSpec.around(1, false))
        .hasMessage("input dropout must be in [0, 1) but was 1.0");
    assertThatThrownBy(() -> EncoderSpec.of(CellType.LSTM, 4, 0, 1))
        .hasMessage("hidden size must be positive but was 0");
  }

  @Test
  void batches_without_a_step_are_read_and_trained_on() {
    EncoderSpec encoder = EncoderSpec.of(CellType.LSTM, 4, 3, 2).with(Direction.BOTH);
    for (PoolingType pooling : PoolingType.values()) {
      ReaderModel model =
          new ReaderModel(new ReaderSpec(InputSpec.ofTokens(5, 4), encoder, pooling, CLASSES));
      ReaderRunner runner = new ReaderRunner(model, new Team(2));
      runner.setParams(new float[model.layout().size()]);
      SequenceBatch batch = new SequenceBatch(model.spec().batchShape());
      Gradient gradient = new Gradient(model.layout().size());
      assertThat(runner.train(batch, 0, gradient)).isEqualTo(Loss.ZERO);
      batch.fill(List.of(SequenceExample.ofTokens("empty", new int[0], 1)));
      assertThat(runner.train(batch, 0, gradient).mean()).isCloseTo(Math.log(3), within(1e-6));
      runner.read(batch);
      assertThat(runner.prediction(0, 1).probabilities()).containsOnly(1 / 3f);
      assertThat(runner.vector(0)).containsOnly(0);
      assertThat(runner.outputs(0)).isEmpty();
    }
  }

  @Test
  void what_a_runner_cannot_do_is_said() {
    ReaderModel model =
        new ReaderModel(
            new ReaderSpec(
                InputSpec.ofTokens(5, 4),
                EncoderSpec.of(CellType.GRU, 4, 3, 1),
                PoolingType.LAST,
                CLASSES));
    ReaderRunner runner = new ReaderRunner(model, new Team(1));
    SequenceBatch batch = new SequenceBatch(model.spec().batchShape());
    batch.fill(List.of(SequenceExample.ofTokens("s", new int[] {5}, 1)));
    assertThatThrownBy(() -> runner.read(batch))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no parameters were set before the first pass");
    assertThatThrownBy(() -> runner.setParams(new float[3]))
        .hasMessageContaining("parameters but was given 3");
    runner.setParams(new float[model.layout().size()]);
    assertThatThrownBy(() -> runner.read(batch))
        .hasMessage("token id 5 is outside the vocabulary of 5");
  }
}
