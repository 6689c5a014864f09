// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;

/** The number of threads changes no bit. */
class ThreadsTest {
  private static final int WINDOWS = 3;

  static List<TwinCase> cases() {
    return TwinCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void results_are_those_of_one_thread(TwinCase given) {
    float[] expected = train(given, 1);
    for (int threads : new int[] {2, 3, 7}) {
      assertThat(train(given, threads)).as("%d threads", threads).isEqualTo(expected);
    }
  }

  /** Several chunks of steps and several blocks of the vocabulary. */
  @ParameterizedTest
  @EnumSource
  void results_of_large_windows_are_those_of_one_thread(CellType cell) {
    for (double dropout : new double[] {0, 0.3}) {
      ModelSpec spec = new ModelSpec(700, 24, cell, 2, 24, true, dropout, true, false);
      TwinCase given = new TwinCase(spec, 30, 40, true, 5);
      assertThat(train(given, 3)).isEqualTo(train(given, 1));
    }
  }

  /** The gradient, the state and the loss after some windows, one behind the other. */
  private static float[] train(TwinCase given, int threads) {
    SequenceModel model = new SequenceModel(given.spec());
    ModelRunner runner = new ModelRunner(model, given.steps(), given.rows(), new Team(threads));
    float[] params = given.params(model);
    float[] state = given.state(model);
    Gradient gradient = new Gradient(params.length);
    runner.setParams(params);
    double loss = 0;
    for (int i = 0; i < WINDOWS; i++) {
      loss += runner.train(given.batch(), state, i == 0, i, gradient).sum();
      loss += runner.evaluate(given.batch(), state).sum();
    }
    float[] results = new float[params.length + state.length + 1];
    System.arraycopy(gradient.dense(), 0, results, 0, params.length);
    System.arraycopy(state, 0, results, params.length, state.length);
    results[results.length - 1] = (float) loss;
    return results;
  }
}
