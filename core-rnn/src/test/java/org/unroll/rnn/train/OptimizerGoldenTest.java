// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.Golden;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/** Against values written by PyTorch with {@code scripts/golden.py}. */
class OptimizerGoldenTest {

  /** Several arrays, one behind the other. */
  private static float[] joined(JsonNode arrays) {
    List<Float> all = new ArrayList<>();
    for (JsonNode array : arrays) {
      for (float value : Golden.floats(array)) {
        all.add(value);
      }
    }
    float[] values = new float[all.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = all.get(i);
    }
    return values;
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      assertThat(Math.abs(actual[i] - expected[i]) / scale).as("element %d", i).isLessThan(1e-6);
    }
  }

  private static OptimizerSpec spec(String name, JsonNode options) {
    OptimizerSpec.Kind kind =
        name.equals("nesterov")
            ? OptimizerSpec.Kind.MOMENTUM
            : OptimizerSpec.Kind.valueOf(name.toUpperCase());
    OptimizerSpec defaults = OptimizerSpec.of(kind, options.get("lr").doubleValue());
    JsonNode betas = options.path("betas");
    return new OptimizerSpec(
        kind,
        defaults.lr(),
        options.path("momentum").asDouble(0) > 0
            ? options.get("momentum").doubleValue()
            : defaults.momentum(),
        options.path("nesterov").asBoolean(),
        options.path("alpha").asDouble(defaults.alpha()),
        betas.path(0).asDouble(defaults.beta1()),
        betas.path(1).asDouble(defaults.beta2()),
        options.path("eps").asDouble(defaults.epsilon()),
        options.path("weight_decay").asDouble(defaults.weightDecay()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"})
  void optimisers_step_as_in_pytorch(String name) {
    JsonNode golden = Golden.read("optimizers.json");
    JsonNode expected = golden.get("optimizers").get(name);
    float[] params = Golden.floats(golden.get("parameters"));
    OptimizerSpec spec = spec(name, expected.get("options"));
    Optimizer optimizer = Optimizer.create(spec, params.length);
    int step = 0;
    for (JsonNode gradient : golden.get("gradients")) {
      TestNetworks.step(optimizer, params, new Gradient(Golden.floats(gradient)), 1, spec.lr());
      assertClose(params, Golden.floats(expected.get("after").get(step++)));
    }
    assertThat(step).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SGD", "MOMENTUM", "RMSPROP", "ADAGRAD", "ADAM", "ADAMW"})
  void the_default_constants_are_those_of_pytorch(String kind) {
    JsonNode options =
        Golden.read("optimizers.json").get("optimizers").get(kind.toLowerCase()).get("options");
    OptimizerSpec spec = OptimizerSpec.of(OptimizerSpec.Kind.valueOf(kind), 0.5);
    assertThat(spec.epsilon()).isEqualTo(options.path("eps").asDouble(spec.epsilon()));
    assertThat(spec.alpha()).isEqualTo(options.path("alpha").asDouble(spec.alpha()));
    assertThat(spec.weightDecay())
        .isEqualTo(options.path("weight_decay").asDouble(spec.weightDecay()));
  }

  @Test
  void norms_are_clipped_as_in_pytorch() {
    JsonNode golden = Golden.read("clipping.json");
    float[] gradient = joined(golden.get("gradients"));
    ParamLayout layout =
        new ParamLayout.Builder().add("all", Param.Role.INPUT_WEIGHT, gradient.length).build();
    assertThat(golden.get("byNorm")).hasSize(3);
    for (JsonNode expected : golden.get("byNorm")) {
      TrainSpec spec = Specs.train().clipNorm(expected.get("bound").doubleValue()).build();
      UpdateStep mean = new UpdateStep(spec, layout, new Team(1));
      float[] params = new float[gradient.length];
      double norm = mean.takeMean(new Gradient(gradient), 1, params);
      assertThat(norm).isCloseTo(expected.get("norm").doubleValue(), within(1e-6));
      Optimizer sgd = Optimizer.create(OptimizerSpec.of(OptimizerSpec.Kind.SGD, 1), params.length);
      TestNetworks.step(sgd, params, new Gradient(gradient), mean.factor(norm), -1);
      assertClose(params, joined(expected.get("clipped")));
    }
  }

  @Test
  void values_are_clipped_as_in_pytorch() {
    JsonNode golden = Golden.read("clipping.json");
    assertThat(golden.get("byValue")).hasSize(3);
    for (JsonNode expected : golden.get("byValue")) {
      float[] gradient = joined(golden.get("gradients"));
      ParamLayout layout =
          new ParamLayout.Builder().add("all", Param.Role.INPUT_WEIGHT, gradient.length).build();
      TrainSpec spec = Specs.train().clipValue(expected.get("bound").doubleValue()).build();
      new UpdateStep(spec, layout, new Team(1))
          .takeMean(new Gradient(gradient), 1, new float[gradient.length]);
      assertClose(gradient, joined(expected.get("clipped")));
    }
  }
}
