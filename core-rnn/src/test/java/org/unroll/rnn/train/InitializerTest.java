// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

class InitializerTest {
  private static final int HIDDEN = 64;

  private static Network model(CellType cell, int layers, boolean tied, boolean learned) {
    return TestNetworks.language(200, HIDDEN, cell, layers, HIDDEN, true, 0, tied, learned);
  }

  private static float[] slice(float[] params, Param param) {
    return Arrays.copyOfRange(params, param.offset(), param.end());
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    double squares = 0;
    for (float v : values) {
      squares += (v - mean) * (v - mean);
    }
    return Math.sqrt(squares / values.length);
  }

  /** Mean and deviation of a uniform law, within five standard errors; and its bounds, reached. */
  private static void assertUniform(float[] values, double range) {
    double sigma = range / Math.sqrt(3);
    double error = 5 * sigma / Math.sqrt(values.length);
    assertThat(mean(values)).isCloseTo(0, within(error));
    assertThat(deviation(values)).isCloseTo(sigma, within(error));
    for (float v : values) {
      assertThat(Math.abs(v)).isLessThanOrEqualTo((float) range);
    }
  }

  @Test
  void the_default_is_that_of_pytorch() {
    Network model = model(CellType.LSTM, 2, false, true);
    float[] params = Initializer.draw(model, InitSpec.PYTORCH, 1);
    for (Param param : model.layout().params()) {
      float[] values = slice(params, param);
      switch (param.role()) {
        case EMBEDDING -> {
          assertThat(mean(values)).isCloseTo(0, within(5 / Math.sqrt(values.length)));
          assertThat(deviation(values)).isCloseTo(1, within(5 / Math.sqrt(values.length)));
        }
        case INITIAL_STATE -> assertThat(values).containsOnly(0);
        default -> assertUniform(values, 1 / Math.sqrt(HIDDEN));
      }
    }
  }

  @Test
  void a_tied_embedding_starts_as_an_output_matrix() {
    Network model = model(CellType.GRU, 1, true, false);
    float[] params = Initializer.draw(model, InitSpec.PYTORCH, 1);
    Param embedding = model.layout().get(Network.EMBEDDING);
    assertUniform(slice(params, embedding), 1 / Math.sqrt(HIDDEN));
  }

  @Test
  void every_width_of_a_narrow_tied_model_counts() {
    RnnSpec rnn =
        new RnnSpec(
            CellType.LSTM, 40, 90, 2, 40, true, Direction.FORWARD, false, true, DropoutSpec.NONE);
    Network network = new Network(NetworkSpec.languageModel(200, rnn, true, true, false));
    float[] params = Initializer.draw(network, InitSpec.PYTORCH, 1);
    for (Param param : network.layout().params()) {
      float[] values = slice(params, param);
      switch (param.role()) {
        case SCALE -> assertThat(values).containsOnly(1);
        case SHIFT -> assertThat(values).containsOnly(0);
        default -> assertUniform(values, 1 / Math.sqrt(param.name().endsWith("l0") ? 90 : 40));
      }
    }
  }

  @Test
  void clusters_start_by_the_width_of_what_their_matrices_read() {
    HeadSpec head = new HeadSpec.Vocabulary(900, false, true, 0, List.of(100, 300), 4);
    RnnSpec rnn = RnnSpec.of(CellType.GRU, 40, HIDDEN, 1);
    Network network = new Network(NetworkSpec.of(InputSpec.ofTokens(900, 40), rnn, null, head));
    float[] params = Initializer.draw(network, InitSpec.PYTORCH, 1);
    Map<String, Integer> widths = new LinkedHashMap<>();
    for (String name : List.of("head.weight", "head.bias", "tail.0.0.weight", "tail.1.0.weight")) {
      widths.put(name, HIDDEN);
    }
    widths.put("tail.0.1.weight", HIDDEN / 4);
    widths.put("tail.1.1.weight", HIDDEN / 16);
    widths.forEach(
        (name, width) ->
            assertUniform(
                slice(params, network.layout().get("decoder." + name)), 1 / Math.sqrt(width)));
  }

  @Test
  void uniform_has_one_range_for_everything() {
    Network model = model(CellType.GRU, 1, false, false);
    InitSpec spec = new InitSpec(InitSpec.Kind.UNIFORM, 0.05, false, 0);
    float[] params = Initializer.draw(model, spec, 2);
    for (Param param : model.layout().params()) {
      assertUniform(slice(params, param), 0.05);
    }
  }

  @Test
  void xavier_goes_by_the_fans_of_a_gate() {
    Network model = TestNetworks.language(300, 20, CellType.LSTM, 1, 40, true, 0, false, false);
    float[] params = Initializer.draw(model, new InitSpec(InitSpec.Kind.XAVIER, 0.1, false, 0), 3);
    for (Param param : model.layout().params()) {
      float[] values = slice(params, param);
      switch (param.role()) {
        case EMBEDDING -> assertUniform(values, Math.sqrt(6 / 320.0));
        case INPUT_WEIGHT -> assertUniform(values, Math.sqrt(6 / 60.0));
        case RECURRENT_WEIGHT -> assertUniform(values, Math.sqrt(6 / 80.0));
        case OUTPUT_WEIGHT -> assertUniform(values, Math.sqrt(6 / 340.0));
        default -> assertThat(values).containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 129})
  void orthogonal_matrices_are_orthogonal(int n) {
    float[] q = new float[n * n + 3];
    Initializer.Orthogonal.fill(q, 3, n, 11);
    assertThat(q).startsWith(0, 0, 0);
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        double rows = 0;
        double columns = 0;
        for (int i = 0; i < n; i++) {
          rows += (double) q[3 + a * n + i] * q[3 + b * n + i];
          columns += (double) q[3 + i * n + a] * q[3 + i * n + b];
        }
        assertThat(rows).isCloseTo(a == b ? 1 : 0, within(1e-6));
        assertThat(columns).isCloseTo(a == b ? 1 : 0, within(1e-6));
      }
    }
  }

  @Test
  void orthogonal_matrices_favour_no_direction() {
    int n = 4;
    int draws = 4000;
    double[] sums = new double[n * n];
    double[] squares = new double[n * n];
    float[] q = new float[n * n];
    for (int d = 0; d < draws; d++) {
      Initializer.Orthogonal.fill(q, 0, n, 1000 + d);
      for (int i = 0; i < q.length; i++) {
        sums[i] += q[i];
        squares[i] += q[i] * q[i];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      assertThat(sums[i] / draws).as("mean %d", i).isCloseTo(0, within(0.04));
      assertThat(squares[i] / draws).as("square %d", i).isCloseTo(1.0 / n, within(0.02));
    }
  }

  @Test
  void every_gate_of_every_layer_gets_an_orthogonal_matrix_of_its_own() {
    Network model = model(CellType.GRU, 2, false, false);
    InitSpec spec = new InitSpec(InitSpec.Kind.PYTORCH, 0.1, true, 0);
    float[] params = Initializer.draw(model, spec, 4);
    float[] first = null;
    for (Param param : model.layout().params()) {
      if (param.role() != Param.Role.RECURRENT_WEIGHT) {
        continue;
      }
      for (int gate = 0; gate < 3; gate++) {
        int from = param.offset() + gate * HIDDEN * HIDDEN;
        double squares = 0;
        for (int i = from; i < from + HIDDEN * HIDDEN; i++) {
          squares += (double) params[i] * params[i];
        }
        assertThat(squares).isCloseTo(HIDDEN, within(1e-4));
        float[] row = Arrays.copyOfRange(params, from, from + HIDDEN);
        assertThat(row).isNotEqualTo(first);
        first = row;
      }
    }
  }

  @Test
  void the_forget_bias_is_added_to_the_forget_gate_alone() {
    Network model = model(CellType.LSTM, 2, false, false);
    float[] plain = Initializer.draw(model, InitSpec.PYTORCH, 5);
    float[] raised =
        Initializer.draw(model, new InitSpec(InitSpec.Kind.PYTORCH, 0.1, false, 1.5), 5);
    for (Param param : model.layout().params()) {
      for (int i = 0; i < param.size(); i++) {
        boolean forget = param.role() == Param.Role.INPUT_BIAS && i / HIDDEN == 1;
        int at = param.offset() + i;
        assertThat(raised[at]).isEqualTo(forget ? plain[at] + 1.5f : plain[at]);
      }
    }
  }

  @Test
  void a_forget_bias_needs_a_forget_gate() {
    InitSpec spec = new InitSpec(InitSpec.Kind.PYTORCH, 0.1, false, 1);
    assertThatThrownBy(() -> Initializer.draw(model(CellType.GRU, 1, false, false), spec, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("forget-bias 1.0")
        .hasMessageContaining("GRU");
  }

  @Test
  void one_more_parameter_changes_no_other() {
    Network small = model(CellType.LSTM, 1, false, false);
    Network large = model(CellType.LSTM, 3, false, true);
    float[] ofSmall = Initializer.draw(small, InitSpec.PYTORCH, 6);
    float[] ofLarge = Initializer.draw(large, InitSpec.PYTORCH, 6);
    for (Param param : small.layout().params()) {
      assertThat(slice(ofSmall, param))
          .as(param.name())
          .isEqualTo(slice(ofLarge, large.layout().get(param.name())));
    }
  }

  @Test
  void parameters_and_seeds_differ() {
    Network model = model(CellType.LSTM, 2, false, false);
    float[] params = Initializer.draw(model, InitSpec.PYTORCH, 7);
    assertThat(slice(params, model.layout().get("rnn.weight_hh_l0")))
        .isNotEqualTo(slice(params, model.layout().get("rnn.weight_hh_l1")));
    assertThat(Initializer.draw(model, InitSpec.PYTORCH, 7)).isEqualTo(params);
    assertThat(Initializer.draw(model, InitSpec.PYTORCH, 8)).isNotEqualTo(params);
  }
}
