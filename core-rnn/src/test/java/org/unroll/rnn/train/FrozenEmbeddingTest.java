// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;

/** An embedding that stays as it starts. Its end is in the middle of a block of the gradient. */
class FrozenEmbeddingTest {
  private static final Network FREE = network(true);
  private static final Network FROZEN = network(false);
  private static final int END = FREE.layout().get(Network.EMBEDDING).end();
  private static final int[] TEXT = new int[400];

  static {
    Arrays.setAll(TEXT, i -> (i * i + 3 * i) % 90);
    assertThat(END % Gradient.BLOCK).isNotZero();
  }

  private static Network network(boolean trainable) {
    InputSpec inputs = new InputSpec(List.of(new InputSpec.TokenColumn(90, 7, trainable)), 0, null);
    HeadSpec head = new HeadSpec.Vocabulary(90, false, true);
    return new Network(NetworkSpec.of(inputs, RnnSpec.of(CellType.GRU, 7, 12, 1), null, head));
  }

  private static float[] train(Network network, TrainSpec spec, int rounds, float[] start) {
    LocalRounds local = new LocalRounds(network, spec, TEXT, null, null);
    UpdateStep update = new UpdateStep(spec, network.layout(), new Team(1));
    float[] params = start.clone();
    for (int i = 0; i < rounds; i++) {
      WeightedSum sum = local.gradient(new Window(0, i, i), params);
      double norm = update.takeMean(sum, params);
      int first = sum.parts().nextWritten(0);
      assertThat(first >= END / Gradient.BLOCK * Gradient.BLOCK)
          .as("nothing of it travels")
          .isEqualTo(network == FROZEN);
      update.apply(params, norm, 0.05);
    }
    return params;
  }

  @ParameterizedTest
  @EnumSource
  void it_keeps_its_bits_by_every_rule(OptimizerSpec.Kind kind) {
    Specs specs = Specs.train().optimizer(kind, 0.05).clipNorm(1);
    TrainSpec plain = specs.build();
    TrainSpec penalised = specs.penalty(new PenaltySpec(0.01, 0.1, false)).clipValue(0.2).build();
    float[] start = Initializer.draw(FROZEN, plain.init(), 1);
    for (TrainSpec spec : new TrainSpec[] {plain, penalised}) {
      float[] params = train(FROZEN, spec, 4, start);
      assertThat(Arrays.copyOf(params, END)).isEqualTo(Arrays.copyOf(start, END));
      for (int i = END; i < END + 20; i++) {
        assertThat(params[i]).as("parameter %d learns", i).isNotEqualTo(start[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_others_learn_as_they_would(OptimizerSpec.Kind kind) {
    TrainSpec spec = Specs.train().optimizer(kind, 0.05).build();
    float[] start = Initializer.draw(FREE, spec.init(), 1);
    float[] expected = train(FREE, spec, 1, start);
    float[] params = train(FROZEN, spec, 1, start);
    assertThat(Arrays.copyOfRange(params, END, params.length))
        .isEqualTo(Arrays.copyOfRange(expected, END, expected.length));
    assertThat(expected[0]).isNotEqualTo(start[0]);
  }

  @Test
  void it_cannot_be_the_output_layer_too() {
    InputSpec inputs = new InputSpec(List.of(new InputSpec.TokenColumn(90, 12, false)), 0, null);
    RnnSpec rnn = RnnSpec.of(CellType.GRU, 12, 12, 1);
    HeadSpec head = new HeadSpec.Vocabulary(90, true, true);
    assertThatThrownBy(() -> NetworkSpec.of(inputs, rnn, null, head))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tied");
  }
}
