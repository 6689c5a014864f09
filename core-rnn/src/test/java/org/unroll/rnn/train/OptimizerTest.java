// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.nn.Gradient;

class OptimizerTest {

  private static OptimizerSpec spec(OptimizerSpec.Kind kind, boolean nesterov, double lr) {
    OptimizerSpec d = OptimizerSpec.of(kind, lr);
    return new OptimizerSpec(
        kind,
        lr,
        d.momentum(),
        nesterov,
        d.alpha(),
        d.beta1(),
        d.beta2(),
        d.epsilon(),
        kind == OptimizerSpec.Kind.ADAMW ? 0.05 : 0);
  }

  @ParameterizedTest
  @EnumSource(OptimizerSpec.Kind.class)
  void every_rule_finds_the_bottom_of_a_bowl(OptimizerSpec.Kind kind) {
    double lr = kind == OptimizerSpec.Kind.ADAGRAD ? 0.5 : 0.02;
    OptimizerSpec spec = spec(kind, kind == OptimizerSpec.Kind.MOMENTUM, lr);
    float[] goal = {0.3f, -0.7f, 1.1f};
    float[] params = {-2, 2, 0};
    Optimizer optimizer = Optimizer.create(spec, 3);
    float[] gradient = new float[3];
    for (int t = 0; t < 2000; t++) {
      for (int i = 0; i < 3; i++) {
        gradient[i] = (i + 1) * (params[i] - goal[i]);
      }
      TestNetworks.step(optimizer, params, new Gradient(gradient), 1, lr);
    }
    for (int i = 0; i < 3; i++) {
      assertThat((double) params[i]).isCloseTo(goal[i], within(0.05));
    }
  }

  @ParameterizedTest
  @EnumSource(OptimizerSpec.Kind.class)
  void a_scale_is_the_same_as_a_scaled_gradient(OptimizerSpec.Kind kind) {
    OptimizerSpec spec = spec(kind, false, 0.1);
    int size = 131;
    Random random = new Random(7);
    float[] a = new float[size];
    float[] b = new float[size];
    Optimizer scaled = Optimizer.create(spec, size);
    Optimizer plain = Optimizer.create(spec, size);
    for (int t = 0; t < 5; t++) {
      float[] gradient = new float[size];
      float[] third = new float[size];
      for (int i = 0; i < size; i++) {
        gradient[i] = (float) random.nextGaussian();
        third[i] = gradient[i] * 0.3f;
      }
      float[] before = gradient.clone();
      TestNetworks.step(scaled, a, new Gradient(gradient), 0.3f, 0.1 / (t + 1));
      TestNetworks.step(plain, b, new Gradient(third), 1, 0.1 / (t + 1));
      assertThat(gradient).isEqualTo(before);
      assertThat(a).isEqualTo(b);
    }
  }

  @ParameterizedTest
  @EnumSource(OptimizerSpec.Kind.class)
  void elements_that_do_not_count_are_stepped_as_with_written_zeros(OptimizerSpec.Kind kind) {
    OptimizerSpec spec = spec(kind, kind == OptimizerSpec.Kind.MOMENTUM, 0.1);
    int size = 5 * Gradient.BLOCK + 17;
    Random random = new Random(8);
    float[] a = new float[size];
    for (int i = 0; i < size; i++) {
      a[i] = (float) random.nextGaussian();
    }
    float[] b = a.clone();
    float[] first = a.clone();
    Optimizer sparse = Optimizer.create(spec, size);
    Optimizer plain = Optimizer.create(spec, size);
    Gradient gradient = new Gradient(size);
    for (int t = 0; t < 6; t++) {
      Arrays.fill(gradient.dense(), 1e9f);
      gradient.clear();
      float[] dense = new float[size];
      // Two runs of blocks, one of which may be the last.
      for (int from : new int[] {random.nextInt(200), size - 1 - random.nextInt(400)}) {
        int to = Math.min(size, from + 300);
        gradient.addTo(from, to);
        for (int i = from; i < to; i++) {
          dense[i] = (float) random.nextGaussian();
          gradient.values()[i] = dense[i];
        }
      }
      TestNetworks.step(sparse, a, gradient, 0.3f, 0.1 / (t + 1));
      TestNetworks.step(plain, b, new Gradient(dense), 0.3f, 0.1 / (t + 1));
      assertThat(gradient.dense()).containsExactly(dense);
      assertThat(a).containsExactly(b);
    }
    assertThat(a).isNotEqualTo(first);
  }
}
