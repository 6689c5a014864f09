// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.ParamLayout;

class UpdateStepTest {
  private static final ParamLayout LAYOUT =
      TestNetworks.language(900, 61, CellType.LSTM, 1, 61, true, 0, false, false).layout();

  /** Parameters after three steps, of which the second has a gradient with holes. */
  private static float[] train(TrainSpec spec, int threads) {
    UpdateStep update = new UpdateStep(spec, LAYOUT, new Team(threads));
    Random random = new Random(5);
    float[] params = new float[LAYOUT.size()];
    WeightedSum sum = new WeightedSum(params.length);
    for (int t = 0; t < 3; t++) {
      sum.clear();
      sum.add(new Loss(1, 7));
      int holes = t == 1 ? 3 : 1;
      for (int from = 0; from < params.length; from += 1000 * holes) {
        int to = Math.min(params.length, from + 1000);
        sum.parts().addTo(from, to);
        for (int i = from; i < to; i++) {
          sum.parts().values()[i] += (float) random.nextGaussian();
        }
      }
      double norm = update.takeMean(sum, params);
      update.apply(params, norm, 0.1);
    }
    return params;
  }

  @ParameterizedTest
  @EnumSource
  void the_number_of_threads_changes_no_bit(OptimizerSpec.Kind kind) {
    Specs specs = Specs.train().optimizer(kind, 0.1).clipNorm(0.5);
    TrainSpec plain = specs.build();
    TrainSpec penalised = specs.penalty(new PenaltySpec(0.01, 0.1, false)).clipValue(0.2).build();
    assertThat(LAYOUT.size()).as("several slices").isGreaterThan(Slices.end(1, LAYOUT.size()));
    for (TrainSpec spec : new TrainSpec[] {plain, penalised}) {
      float[] expected = train(spec, 1);
      for (int threads : new int[] {2, 3, 7}) {
        assertThat(train(spec, threads)).as("%s threads", threads).isEqualTo(expected);
      }
    }
  }
}
