// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/** What an adaptive softmax says of tokens in several ways is the same. */
class AdaptiveSoftmaxTest {
  private static final int OFFSET = 3;

  /**
   * A softmax with random numbers and positions.
   *
   * @param n positions
   */
  record Case(int tokens, int hidden, int n, List<Integer> cutoffs, int divisor) {
    ParamLayout layout() {
      ParamLayout.Builder builder = new ParamLayout.Builder();
      AdaptiveSoftmax.layOut("x.", hidden, tokens, cutoffs, divisor, true, builder);
      return builder.build();
    }

    AdaptiveSoftmax softmax(int threads) {
      AdaptiveSoftmax softmax =
          new AdaptiveSoftmax(layout(), "x.", cutoffs.size(), n, new Team(threads));
      softmax.load(uniform(layout().size(), 1, 1));
      return softmax;
    }

    float[] inputs() {
      return uniform(OFFSET + n * hidden, 2, 2);
    }

    /** Returns targets in every range, of which every seventh is masked. */
    int[] targets() {
      int[] targets = new int[n];
      for (int i = 0; i < n; i++) {
        int range = i % (cutoffs.size() + 1);
        int from = range == 0 ? 0 : cutoffs.get(range - 1);
        int to = range < cutoffs.size() ? cutoffs.get(range) : tokens;
        int within = (int) Long.remainderUnsigned(RandomBits.bits(4, i), to - from);
        targets[i] = i % 7 == 6 ? -1 : from + within;
      }
      return targets;
    }
  }

  static List<Case> cases() {
    return List.of(
        new Case(2, 1, 5, List.of(1), 1),
        new Case(11, 9, 40, List.of(3, 4, 9), 2),
        new Case(37, 33, 300, List.of(10, 20), 4),
        // All scores are made for a part of the positions at a time.
        new Case(6000, 16, 400, List.of(700, 1500), 4));
  }

  private static float[] uniform(int n, float scale, long key) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = scale * (2 * RandomBits.uniform(key, i) - 1);
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void probabilities_add_up_to_one_and_are_those_of_each_position_on_its_own(Case c) {
    AdaptiveSoftmax softmax = c.softmax(2);
    float[] all = new float[c.n * c.tokens];
    float[] logits = all.clone();
    softmax.logProbabilities(c.inputs(), OFFSET, c.n, all);
    softmax.logits(c.inputs(), OFFSET, c.n, logits);
    assertThat(logits).isEqualTo(all);
    float[] alone = new float[c.tokens];
    for (int i = 0; i < c.n; i++) {
      float[] own = Arrays.copyOfRange(all, i * c.tokens, (i + 1) * c.tokens);
      double sum = 0;
      for (float log : own) {
        sum += Math.exp(log);
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
      if (i % 50 == 0) {
        softmax.logProbabilities(c.inputs(), OFFSET + i * c.hidden, 1, alone);
        assertThat(alone).isEqualTo(own);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void losses_are_those_of_the_probabilities_and_add_up(Case c) {
    AdaptiveSoftmax softmax = c.softmax(2);
    float[] all = new float[c.n * c.tokens];
    softmax.logProbabilities(c.inputs(), OFFSET, c.n, all);
    int[] targets = c.targets();
    double[] losses = new double[c.n];
    double loss = softmax.evaluate(c.inputs(), OFFSET, targets, c.n, losses, null);
    assertThat(loss).isCloseTo(Arrays.stream(losses).sum(), within(1e-9 * loss));
    for (int i = 0; i < c.n; i++) {
      double expected = targets[i] < 0 ? 0 : -all[i * c.tokens + targets[i]];
      assertThat(losses[i]).isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
    }
    Gradient gradient = new Gradient(c.layout().size());
    float[] dh = new float[c.n * c.hidden];
    double trained = softmax.train(c.inputs(), OFFSET, targets, c.n, dh, gradient);
    assertThat(trained).isEqualTo(loss);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_position_is_right_if_no_token_is_more_probable_than_its_target(Case c) {
    AdaptiveSoftmax softmax = c.softmax(2);
    float[] all = new float[c.n * c.tokens];
    softmax.logProbabilities(c.inputs(), OFFSET, c.n, all);
    int[] targets = c.targets();
    boolean[] expected = new boolean[c.n];
    for (int i = 0; i < c.n; i++) {
      int best = 0;
      for (int v = 1; v < c.tokens; v++) {
        best = all[i * c.tokens + v] > all[i * c.tokens + best] ? v : best;
      }
      // Every second position has the right target, if it has any.
      targets[i] = targets[i] >= 0 && i % 2 == 0 ? best : targets[i];
      expected[i] = targets[i] == best;
    }
    boolean[] right = new boolean[c.n + 1];
    Arrays.fill(right, true);
    softmax.evaluate(c.inputs(), OFFSET, targets, c.n, null, right);
    assertThat(right[c.n]).isTrue();
    assertThat(Arrays.copyOf(right, c.n)).containsExactly(expected);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_number_of_threads_changes_no_bit(Case c) {
    float[][] expected = results(c, 1);
    for (int threads : new int[] {2, 3, 5}) {
      assertThat(results(c, threads)).isDeepEqualTo(expected);
    }
  }

  private static float[][] results(Case c, int threads) {
    AdaptiveSoftmax softmax = c.softmax(threads);
    Gradient gradient = new Gradient(c.layout().size());
    float[] dh = new float[c.n * c.hidden];
    double loss = softmax.train(c.inputs(), OFFSET, c.targets(), c.n, dh, gradient);
    float[] scores = new float[c.n * c.tokens];
    softmax.logProbabilities(c.inputs(), OFFSET, c.n, scores);
    return new float[][] {gradient.dense(), dh, scores, {(float) loss}};
  }

  @Test
  void masked_positions_and_clusters_without_targets_get_no_gradient() {
    Case c = new Case(11, 9, 3, List.of(3, 6), 2);
    float[] dh = uniform(c.n * c.hidden, 1, 5);
    Gradient gradient = new Gradient(c.layout().size());
    double loss = c.softmax(1).train(c.inputs(), OFFSET, new int[] {-1, 4, -1}, c.n, dh, gradient);
    assertThat(loss).isPositive();
    float[] values = gradient.dense();
    for (Param param : c.layout().params()) {
      float[] own = Arrays.copyOfRange(values, param.offset(), param.end());
      if (param.name().startsWith("x.tail.1")) {
        assertThat(own).as(param.name()).containsOnly(0);
      } else {
        assertThat(own).as(param.name()).doesNotContain(0);
      }
    }
    for (int i = 0; i < c.n; i++) {
      float[] own = Arrays.copyOfRange(dh, i * c.hidden, (i + 1) * c.hidden);
      if (i == 1) {
        assertThat(own).doesNotContain(0);
      } else {
        assertThat(own).containsOnly(0);
      }
    }
  }

  @Test
  void inputs_that_are_no_numbers_make_a_loss_that_is_none_and_no_target_right() {
    Case c = new Case(11, 9, 2, List.of(3, 6), 2);
    float[] inputs = c.inputs();
    inputs[OFFSET] = Float.NaN;
    boolean[] right = new boolean[c.n];
    double[] losses = new double[c.n];
    c.softmax(1).evaluate(inputs, OFFSET, new int[] {7, 8}, c.n, losses, right);
    assertThat(losses[0]).isNaN();
    assertThat(losses[1]).isPositive();
    assertThat(right[0]).isFalse();
  }
}
