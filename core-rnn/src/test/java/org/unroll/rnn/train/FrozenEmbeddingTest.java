// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;

/** An embedding that stays as it starts. Its end is in the middle of a block of the gradient. */
class FrozenEmbeddingTest {
  private static final SequenceModel MODEL =
      new SequenceModel(new ModelSpec(90, 7, CellType.GRU, 1, 12, true, 0, false, false));
  private static final int END = MODEL.layout().get(SequenceModel.EMBEDDING).end();
  private static final int[] TEXT = new int[400];

  static {
    Arrays.setAll(TEXT, i -> (i * i + 3 * i) % 90);
    assertThat(END % Gradient.BLOCK).isNotZero();
  }

  private static Specs specs(boolean frozen) {
    return Specs.train().init(new InitSpec(InitSpec.Kind.PYTORCH, 0.1, false, 0, frozen));
  }

  private static float[] train(TrainSpec spec, int rounds, float[] start) {
    LocalRounds local = new LocalRounds(MODEL, spec, TEXT, null, null);
    UpdateStep update = new UpdateStep(spec, MODEL.layout(), new Team(1));
    float[] params = start.clone();
    for (int i = 0; i < rounds; i++) {
      WeightedSum sum = local.gradient(new Window(0, i, i), params);
      double norm = update.takeMean(sum, params);
      int first = sum.parts().nextWritten(0);
      assertThat(first >= END / Gradient.BLOCK * Gradient.BLOCK)
          .as("nothing of it travels")
          .isEqualTo(spec.init().frozenEmbedding());
      update.apply(params, sum, norm, 0.05);
    }
    return params;
  }

  @ParameterizedTest
  @EnumSource
  void it_keeps_its_bits_by_every_rule(OptimizerSpec.Kind kind) {
    Specs specs = specs(true).optimizer(kind, 0.05).clipNorm(1);
    TrainSpec plain = specs.build();
    TrainSpec penalised = specs.penalty(new PenaltySpec(0.01, 0.1, false)).clipValue(0.2).build();
    float[] start = Initializer.draw(MODEL, plain.init(), 1);
    for (TrainSpec spec : new TrainSpec[] {plain, penalised}) {
      float[] params = train(spec, 4, start);
      assertThat(Arrays.copyOf(params, END)).isEqualTo(Arrays.copyOf(start, END));
      for (int i = END; i < END + 20; i++) {
        assertThat(params[i]).as("parameter %d learns", i).isNotEqualTo(start[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_others_learn_as_they_would(OptimizerSpec.Kind kind) {
    TrainSpec frozen = specs(true).optimizer(kind, 0.05).build();
    TrainSpec free = specs(false).optimizer(kind, 0.05).build();
    float[] start = Initializer.draw(MODEL, free.init(), 1);
    float[] expected = train(free, 1, start);
    float[] params = train(frozen, 1, start);
    assertThat(Arrays.copyOfRange(params, END, params.length))
        .isEqualTo(Arrays.copyOfRange(expected, END, expected.length));
    assertThat(expected[0]).isNotEqualTo(start[0]);
  }

  @Test
  void it_cannot_be_the_output_layer_too() {
    SequenceModel tied =
        new SequenceModel(new ModelSpec(90, 12, CellType.GRU, 1, 12, true, 0, true, false));
    assertThatThrownBy(() -> new Trainer(tied, specs(true).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tied");
  }
}
