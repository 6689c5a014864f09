// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;

/** Gradients through time, against differences of losses and the gradients that training makes. */
class GradientFlowTest {
  private static final int STEPS = 6;
  private static final int WIDTH = 3;
  private static final float STEP = 1f / 64;

  private static Network reader(CellType cell, Direction direction) {
    RnnSpec rnn = RnnSpec.of(cell, WIDTH, 5, 2).with(direction);
    InputSpec numbers = new InputSpec(List.of(), WIDTH, null);
    HeadSpec classes = new HeadSpec.Softmax(3, Target.SEQUENCE);
    return new Network(new NetworkSpec(numbers, rnn, null, false, Pooling.Type.LAST, classes));
  }

  private static float[] numbers(int n, long seed) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = (float) RandomBits.gaussian(seed, i);
    }
    return numbers;
  }

  @ParameterizedTest
  @EnumSource(CellType.class)
  void norms_are_those_of_the_losses_differences(CellType cell) {
    for (Direction direction : Direction.values()) {
      Network network = reader(cell, direction);
      float[] params = Initializer.draw(network, InitSpec.PYTORCH, 3);
      float[] x = numbers(STEPS * WIDTH, 4);
      double[] norms = GradientFlow.of(network, params, example(x)).norms();
      assertThat(norms).hasSize(STEPS);
      for (int t = 0; t < STEPS; t++) {
        double sum = 0;
        for (int i = t * WIDTH; i < (t + 1) * WIDTH; i++) {
          float[] up = x.clone();
          float[] down = x.clone();
          up[i] += STEP;
          down[i] -= STEP;
          double slope = (loss(network, params, up) - loss(network, params, down)) / (2 * STEP);
          sum += slope * slope;
        }
        assertThat(norms[t])
            .as("%s %s step %d", cell, direction, t)
            .isCloseTo(Math.sqrt(sum), within(2e-4));
      }
    }
  }

  private static Example example(float... x) {
    return Example.ofFeatures("a", x, WIDTH, 1);
  }

  private static double loss(Network network, float[] params, float... x) {
    Pass pass = new Pass(network);
    pass.load(params);
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(List.of(example(x)));
    pass.read(batch, null);
    return pass.loss().sum();
  }

  @Test
  void a_language_models_total_is_that_of_training_but_for_the_embedding() {
    Network network = TestNetworks.language(7, 4, CellType.LSTM, 2, 6, true, 0, false, false);
    float[] params = Initializer.draw(network, InitSpec.PYTORCH, 5);
    int[] tokens = {1, 2, 1, 1, 3};
    int[] last = {Batch.MASKED, Batch.MASKED, Batch.MASKED, Batch.MASKED, 2};
    Example example = Example.ofTokens("a", tokens, last);
    GradientFlow flow = GradientFlow.of(network, params, example);
    Pass pass = new Pass(network);
    pass.load(params);
    Batch batch = new Batch(network.spec().batchShape());
    batch.fill(List.of(example));
    float[] state = new float[network.stateSize(1)];
    pass.initialState(state, 1);
    Gradient gradient = new Gradient(network.layout().size());
    pass.train(batch, state, null, 0, gradient);
    float[] all = gradient.dense();
    Param embedding = network.layout().get(Network.embedding(0));
    double others = 0;
    for (int i = embedding.end(); i < all.length; i++) {
      others += (double) all[i] * all[i];
    }
    assertThat(flow.total()).isCloseTo(Math.sqrt(others), within(1e-6));
    assertThat(flow.norms()).hasSize(5).doesNotContain(0.0);
  }

  @Test
  void a_network_that_writes_is_refused() {
    NetworkSpec writer =
        NetworkCase.all().stream()
            .map(NetworkCase::spec)
            .filter(spec -> spec.decoder() != null)
            .findFirst()
            .orElseThrow();
    Network network = new Network(writer);
    assertThatThrownBy(
            () ->
                GradientFlow.of(
                    network,
                    new float[network.layout().size()],
                    Example.ofTokens("a", new int[] {1}, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("decoder");
  }
}
