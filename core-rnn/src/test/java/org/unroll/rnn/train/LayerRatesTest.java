// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/** Parts of a network that learn at rates of their own, or not yet. */
class LayerRatesTest {
  private static final Network LANGUAGE =
      TestNetworks.language(7, 5, CellType.LSTM, 2, 6, false, 0, false, false);
  private static final ParamLayout LAYOUT = LANGUAGE.layout();

  private static UpdateStep update(OptimizerSpec.Kind kind, LayerRates layers) {
    TrainSpec spec = Specs.train().optimizer(kind, 0.05).layers(layers).build();
    return new UpdateStep(spec, LAYOUT, new Team(1));
  }

  private static WeightedSum sum() {
    WeightedSum sum = new WeightedSum(LAYOUT.size());
    sum.add(new Loss(1, 4));
    sum.parts().addTo(0, LAYOUT.size());
    for (int i = 0; i < LAYOUT.size(); i++) {
      sum.parts().values()[i] = (float) Math.sin(i + 1);
    }
    return sum;
  }

  private static float[] start() {
    return Initializer.draw(LANGUAGE, InitSpec.PYTORCH, 3);
  }

  private static double step(UpdateStep update, float[] params) {
    double norm = update.takeMean(sum(), params);
    update.apply(params, norm, 0.05);
    return norm;
  }

  /** Returns the parts of which a parameter has changed. */
  private static List<String> changed(float[] before, float[] after) {
    List<String> names = LayerRates.names(LAYOUT);
    int[] parts = LayerRates.partOfParams(LAYOUT);
    List<String> changed = new ArrayList<>();
    for (int p = 0; p < parts.length; p++) {
      Param param = LAYOUT.params().get(p);
      boolean same =
          Arrays.equals(before, param.offset(), param.end(), after, param.offset(), param.end());
      String name = names.get(parts[p]);
      if (!same && !changed.contains(name)) {
        changed.add(name);
      }
    }
    return changed;
  }

  @Test
  void the_parts_stand_from_the_bottom_to_the_top() {
    assertThat(LayerRates.names(LAYOUT)).containsExactly("embedding", "rnn.0", "rnn.1", "head");
    ParamLayout writing =
        new ParamLayout.Builder()
            .add("embedding.weight", Param.Role.EMBEDDING, 3, 2)
            .add("words.rnn.weight_ih_l0", Param.Role.INPUT_WEIGHT, 3, 2)
            .add("rnn.weight_ih_l0_reverse", Param.Role.INPUT_WEIGHT, 3, 2)
            .add("rnn.norm_l0.weight", Param.Role.SCALE, 3)
            .add("target_embedding.weight", Param.Role.EMBEDDING, 3, 2)
            .add("bridge.weight", Param.Role.OUTPUT_WEIGHT, 3, 2)
            .add("target_rnn.weight_ih_l1", Param.Role.INPUT_WEIGHT, 3, 2)
            .add("attention.key.weight", Param.Role.OUTPUT_WEIGHT, 3, 2)
            .add("decoder.bias", Param.Role.OUTPUT_BIAS, 3)
            .add("rnn.initial_state", Param.Role.INITIAL_STATE, 1, 2, 3)
            .build();
    assertThat(LayerRates.names(writing)).containsExactly("embedding", "rnn.0", "target", "head");
    assertThat(LayerRates.partOfParams(writing)).containsExactly(0, 0, 1, 1, 2, 2, 2, 2, 3, 1);
  }

  @ParameterizedTest
  @EnumSource
  void a_part_of_rate_0_keeps_its_bits_and_has_no_part_in_the_norm(OptimizerSpec.Kind kind) {
    float[] before = start();
    float[] params = before.clone();
    LayerRates rates = new LayerRates(1, Map.of("embedding", 0.0, "rnn.1", 0.0), 0);
    double norm = step(update(kind, rates), params);
    assertThat(changed(before, params)).containsExactly("rnn.0", "head");

    double squares = 0;
    for (Param param : LAYOUT.params()) {
      boolean learned = !param.name().startsWith("embedding") && !param.name().contains("_l1");
      for (int i = param.offset(); learned && i < param.end(); i++) {
        squares += Math.pow((float) Math.sin(i + 1) / 4, 2);
      }
    }
    assertThat(norm).isCloseTo(Math.sqrt(squares), within(1e-5));
  }

  @ParameterizedTest
  @EnumSource
  void equal_rates_change_no_bit(OptimizerSpec.Kind kind) {
    float[] plain = start();
    float[] named = start();
    UpdateStep one = update(kind, LayerRates.EQUAL);
    UpdateStep other = update(kind, new LayerRates(1, Map.of("rnn.0", 1.0), 0));
    for (int i = 0; i < 3; i++) {
      step(one, plain);
      step(other, named);
    }
    assertThat(named).isEqualTo(plain);
  }

  @Test
  void rates_fall_from_part_to_part() {
    float[] before = start();
    float[] params = before.clone();
    step(update(OptimizerSpec.Kind.SGD, new LayerRates(0.5, Map.of(), 0)), params);
    float[] gradient = sum().parts().values();
    Map<String, Double> expected =
        Map.of("embedding.weight", 0.125, "rnn.weight_hh_l0", 0.25, "rnn.weight_ih_l1", 0.5);
    expected.forEach(
        (name, factor) -> {
          int at = LAYOUT.get(name).offset() + 2;
          assertThat(params[at])
              .as(name)
              .isCloseTo((float) (before[at] - 0.05 * factor * gradient[at] / 4), within(1e-7f));
        });
  }

  @ParameterizedTest
  @EnumSource
  void parts_thaw_from_the_top_and_begin_as_in_a_first_step(OptimizerSpec.Kind kind) {
    UpdateStep update = update(kind, new LayerRates(1, Map.of(), 2));
    float[] params = start();
    List<List<String>> learned =
        List.of(
            List.of("head"),
            List.of("head"),
            List.of("rnn.1", "head"),
            List.of("rnn.1", "head"),
            List.of("rnn.0", "rnn.1", "head"));
    float[] before = params.clone();
    for (int epoch = 0; epoch < learned.size(); epoch++) {
      update.startEpoch(epoch, epoch);
      before = params.clone();
      step(update, params);
      assertThat(changed(before, params)).as("epoch %d", epoch).isEqualTo(learned.get(epoch));
    }
    // What has just thawed moves as it would in the first step of a training.
    float[] fresh = before.clone();
    step(update(kind, LayerRates.EQUAL), fresh);
    Param thawed = LAYOUT.get("rnn.weight_ih_l0");
    assertThat(Arrays.copyOfRange(params, thawed.offset(), thawed.end()))
        .isEqualTo(Arrays.copyOfRange(fresh, thawed.offset(), thawed.end()));
  }

  @Test
  void rates_below_zero_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LayerRates(0, Map.of(), 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerRates(1, Map.of("head", -1.0), 0))
        .withMessageContaining("head");
  }
}
