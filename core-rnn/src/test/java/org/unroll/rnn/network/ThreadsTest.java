// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;

/** The number of threads changes no bit. */
class ThreadsTest {
  private static final int WINDOWS = 3;

  static List<NetworkCase> cases() {
    return NetworkCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void results_are_those_of_one_thread(NetworkCase given) {
    float[] expected = train(given, 1);
    for (int threads : new int[] {2, 3, 7}) {
      assertThat(train(given, threads)).as("%d threads", threads).isEqualTo(expected);
    }
  }

  /** Several chunks of steps and several blocks of the vocabulary. */
  @ParameterizedTest
  @EnumSource
  void results_of_large_windows_are_those_of_one_thread(CellType cell) {
    DropoutSpec locked = new DropoutSpec(0.1, 0, 0.3, 0.3, 0.3, true);
    for (DropoutSpec dropout : List.of(DropoutSpec.NONE, TestNetworks.around(0.3, false), locked)) {
      RnnSpec layers = RnnSpec.of(cell, 24, 24, 2).with(dropout);
      RnnSpec rnn = TestNetworks.with(layers, dropout.locked(), false);
      NetworkSpec spec = NetworkSpec.languageModel(700, rnn, true, true, false);
      NetworkCase given = new NetworkCase(spec, 30, 40, true, true, 5);
      assertThat(train(given, 3)).isEqualTo(train(given, 1));
    }
  }

  /** Returns the gradient, the state and the loss after some windows, one behind the other. */
  private static float[] train(NetworkCase given, int threads) {
    Network network = new Network(given.spec());
    Pass pass = new Pass(network, new Team(threads));
    float[] params = given.params(network);
    float[] state = given.state(network);
    float[] stateGradient = new float[state.length];
    Gradient gradient = new Gradient(params.length);
    pass.load(params);
    double loss = 0;
    for (int i = 0; i < WINDOWS; i++) {
      loss += pass.train(given.batch(), state, i == 0 ? stateGradient : null, i, gradient).sum();
      pass.read(given.batch(), state);
      loss += pass.loss().sum();
    }
    float[] results = new float[params.length + state.length + 1];
    System.arraycopy(gradient.dense(), 0, results, 0, params.length);
    System.arraycopy(state, 0, results, params.length, state.length);
    results[results.length - 1] = (float) loss;
    return results;
  }
}
