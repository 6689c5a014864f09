// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;

/** The head against itself in doubles, one position at a time. */
class SoftmaxHeadTest {

  /** The bound, relative to the size of the terms that a number is the sum of. */
  private static final double BOUND = 5e-6;

  /** Elements before the weights in the flat vector, and before the inputs in theirs. */
  private static final int OFFSET = 7;

  /**
   * Random numbers of some sizes.
   *
   * @param masked every so many targets are masked, 0 for none
   * @param smoothing the share of the targets that is spread in training
   */
  record Case(int vocabulary, int hidden, int n, boolean biased, int masked, double smoothing) {
    Case(int vocabulary, int hidden, int n, boolean biased, int masked) {
      this(vocabulary, hidden, n, biased, masked, 0);
    }

    Case smoothed(double smoothing) {
      return new Case(vocabulary, hidden, n, biased, masked, smoothing);
    }

    Param weight() {
      return new Param("w", Param.Role.OUTPUT_WEIGHT, List.of(vocabulary, hidden), OFFSET, true);
    }

    Param bias() {
      int offset = weight().end() + 3;
      return biased
          ? new Param("b", Param.Role.OUTPUT_BIAS, List.of(vocabulary), offset, true)
          : null;
    }

    int size() {
      return weight().end() + 3 + vocabulary + 5;
    }

    float[] params() {
      return uniform(size(), 2f / (float) Math.sqrt(hidden), 1);
    }

    /** Inputs {@code [n, H]} with others in front and behind. */
    float[] inputs() {
      return uniform(OFFSET + n * hidden + 3, 1, 2);
    }

    int[] targets() {
      int[] targets = new int[n];
      for (int i = 0; i < n; i++) {
        long bits = RandomBits.bits(3, i);
        targets[i] = (int) Long.remainderUnsigned(bits, vocabulary);
        if (masked > 0 && i % masked == masked - 1) {
          targets[i] = -1;
        }
      }
      return targets;
    }

    SoftmaxHead head(float[] params) {
      SoftmaxHead head = new SoftmaxHead(weight(), bias(), smoothing, n, new Team(2));
      head.load(params);
      return head;
    }
  }

  private static float[] uniform(int n, float scale, long key) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = scale * (2 * RandomBits.uniform(key, i) - 1);
    }
    return x;
  }

  private static double[] logits(Case c, float[] params, float[] inputs, int position) {
    double[] logits = new double[c.vocabulary];
    for (int v = 0; v < c.vocabulary; v++) {
      logits[v] = c.biased ? params[c.bias().offset() + v] : 0;
      for (int j = 0; j < c.hidden; j++) {
        float w = params[c.weight().offset() + v * c.hidden + j];
        logits[v] += (double) w * inputs[OFFSET + position * c.hidden + j];
      }
    }
    return logits;
  }

  /**
   * The numbers that are expected, and of each number the size of the terms that it is the sum of.
   */
  private static final class Expected {
    final double[] dh;
    final double[] dhSize;
    final double[] gradient;
    final double[] gradientSize;
    final double[] losses;
    final double[] lossSizes;
    double loss;
    double lossSize;
    double smoothedLoss;
    double smoothedLossSize;

    Expected(Case c, float[] params, float[] inputs, int[] targets) {
      dh = new double[c.n * c.hidden];
      dhSize = new double[dh.length];
      gradient = new double[c.size()];
      gradientSize = new double[gradient.length];
      losses = new double[c.n];
      lossSizes = new double[c.n];
      for (int i = 0; i < c.n; i++) {
        position(c, params, inputs, i, targets[i]);
      }
    }

    private void position(Case c, float[] params, float[] inputs, int i, int target) {
      if (target < 0) {
        return;
      }
      int h = OFFSET + i * c.hidden;
      int w = c.weight().offset();
      double[] logits = logits(c, params, inputs, i);
      double logSum = Math.log(Arrays.stream(logits).map(Math::exp).sum());
      losses[i] = logSum - logits[target];
      lossSizes[i] = Math.abs(logSum) + Math.abs(logits[target]) + 1;
      loss += losses[i];
      lossSize += lossSizes[i];
      smoothedLossSize += lossSizes[i];
      double spread = c.smoothing / c.vocabulary;
      for (int v = 0; v < c.vocabulary; v++) {
        double p = Math.exp(logits[v] - logSum);
        double hot = (v == target ? 1 - c.smoothing : 0) + spread;
        smoothedLoss += hot * (logSum - logits[v]);
        smoothedLossSize += spread * Math.abs(logits[v]);
        for (int j = 0; j < c.hidden; j++) {
          int at = w + v * c.hidden + j;
          dh[i * c.hidden + j] += (p - hot) * params[at];
          dhSize[i * c.hidden + j] += (p + hot) * Math.abs(params[at]);
          gradient[at] += (p - hot) * inputs[h + j];
          gradientSize[at] += (p + hot) * Math.abs(inputs[h + j]);
        }
        if (c.biased) {
          gradient[c.bias().offset() + v] += p - hot;
          gradientSize[c.bias().offset() + v] += p + hot;
        }
      }
    }
  }

  static List<Case> cases() {
    return sizes().flatMap(c -> Stream.of(c, c.smoothed(0.1), c.smoothed(0.7))).toList();
  }

  private static Stream<Case> sizes() {
    return Stream.of(
        new Case(1, 3, 5, true, 0),
        new Case(1, 3, 5, false, 2),
        new Case(2, 1, 1, true, 0),
        new Case(65, 16, 40, true, 3),
        new Case(255, 5, 17, false, 0),
        new Case(256, 5, 17, true, 4),
        new Case(257, 5, 33, true, 0),
        new Case(513, 33, 31, false, 5),
        new Case(1000, 7, 64, true, 1),
        // More positions than are worked on at a time: pieces of one size and of nearly one size.
        new Case(9, 4, 1024, true, 3),
        new Case(9, 4, 1025, true, 3),
        new Case(300, 3, 1100, false, 7),
        new Case(9, 4, 2500, false, 7),
        // A vocabulary that leaves room for fewer.
        new Case(5001, 2, 850, true, 5),
        new Case(20_001, 1, 215, false, 0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void loss_and_gradients_are_those_of_doubles(Case c) {
    float[] params = c.params();
    float[] inputs = c.inputs();
    int[] targets = c.targets();
    Expected expected = new Expected(c, params, inputs, targets);
    SoftmaxHead head = c.head(params);
    double[] losses = new double[c.n()];
    assertThat(head.evaluate(inputs, OFFSET, targets, c.n(), losses, null))
        .isCloseTo(expected.loss, within(BOUND * expected.lossSize));
    for (int i = 0; i < c.n(); i++) {
      double bound = BOUND * expected.lossSizes[i];
      assertThat(losses[i]).isCloseTo(expected.losses[i], within(bound));
    }

    Gradient gradient = new Gradient(c.size());
    for (int times = 1; times <= 2; times++) {
      float[] dh = uniform(c.n() * c.hidden() + 2, 100, 4);
      float[] behind = Arrays.copyOfRange(dh, dh.length - 2, dh.length);
      assertThat(head.train(inputs, OFFSET, targets, c.n(), dh, gradient))
          .isCloseTo(expected.smoothedLoss, within(BOUND * expected.smoothedLossSize));
      assertClose("dh", dh, expected.dh, expected.dhSize, 1);
      assertThat(Arrays.copyOfRange(dh, dh.length - 2, dh.length)).containsExactly(behind);
      float[] sum = GradientTest.counted(gradient);
      assertClose("gradient", sum, expected.gradient, expected.gradientSize, times);
    }
    assertThat(params).as("parameters").containsExactly(c.params());
    assertThat(inputs).as("inputs").containsExactly(c.inputs());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logits_are_those_of_doubles(Case c) {
    float[] params = c.params();
    float[] inputs = c.inputs();
    float[] logits = new float[c.n() * c.vocabulary() + 1];
    c.head(params).logits(inputs, OFFSET, c.n(), logits);
    double[] size = new double[c.vocabulary()];
    Arrays.fill(size, 4);
    for (int i = 0; i < c.n(); i++) {
      int from = i * c.vocabulary();
      float[] row = Arrays.copyOfRange(logits, from, from + c.vocabulary());
      assertClose("logits", row, logits(c, params, inputs, i), size, 1);
    }
    assertThat(logits[c.n() * c.vocabulary()]).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void log_probabilities_are_those_of_doubles_and_of_each_position_on_its_own(Case c) {
    float[] params = c.params();
    float[] inputs = c.inputs();
    float[] out = uniform(c.n() * c.vocabulary() + 1, 9, 6);
    float behind = out[out.length - 1];
    SoftmaxHead head = c.head(params);
    head.logProbabilities(inputs, OFFSET, c.n(), out);
    double[] size = new double[c.vocabulary()];
    float[] alone = new float[c.vocabulary()];
    for (int i = 0; i < c.n(); i++) {
      double[] expected = logits(c, params, inputs, i);
      double logSum = Math.log(Arrays.stream(expected).map(Math::exp).sum());
      for (int v = 0; v < expected.length; v++) {
        size[v] = 4 + Math.abs(logSum);
        expected[v] -= logSum;
      }
      int from = i * c.vocabulary();
      float[] row = Arrays.copyOfRange(out, from, from + c.vocabulary());
      assertClose("log p", row, expected, size, 1);
      if (i % 50 == 0) {
        head.logProbabilities(inputs, OFFSET + i * c.hidden(), 1, alone);
        assertThat(alone).containsExactly(row);
      }
    }
    assertThat(out[out.length - 1]).isEqualTo(behind);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_position_is_right_if_no_token_is_more_probable_than_its_target(Case c) {
    float[] params = c.params();
    float[] inputs = c.inputs();
    int[] targets = c.targets();
    float[] logits = new float[c.n() * c.vocabulary()];
    SoftmaxHead head = c.head(params);
    head.logits(inputs, OFFSET, c.n(), logits);
    boolean[] expected = new boolean[c.n()];
    for (int i = 0; i < c.n(); i++) {
      int from = i * c.vocabulary();
      int best = from;
      for (int v = from; v < from + c.vocabulary(); v++) {
        best = logits[v] > logits[best] ? v : best;
      }
      // Every second position has the right target, if it has any.
      targets[i] = targets[i] >= 0 && i % 2 == 0 ? best - from : targets[i];
      expected[i] = targets[i] >= 0 && logits[from + targets[i]] == logits[best];
    }
    boolean[] right = new boolean[c.n() + 1];
    Arrays.fill(right, true);
    head.evaluate(inputs, OFFSET, targets, c.n(), null, right);
    assertThat(right[c.n()]).isTrue();
    assertThat(Arrays.copyOf(right, c.n())).containsExactly(expected);
  }

  @Test
  void equally_probable_targets_are_all_right_and_one_that_is_no_number_is_not() {
    Case c = new Case(5, 3, 4, true, 0);
    float[] inputs = c.inputs();
    inputs[OFFSET + 2 * c.hidden()] = Float.NaN;
    boolean[] right = new boolean[c.n()];
    c.head(new float[c.size()])
        .evaluate(inputs, OFFSET, new int[] {0, 4, 1, -1}, c.n(), null, right);
    assertThat(right).containsExactly(true, true, false, false);
  }

  @Test
  void fewer_positions_after_many_leave_no_traces() {
    Case many = new Case(300, 6, 2100, true, 3, 0.1);
    Case few = new Case(300, 6, 11, true, 4, 0.1);
    float[] params = many.params();
    SoftmaxHead used = many.head(params);
    float[] dh = new float[many.n() * many.hidden()];
    used.train(many.inputs(), OFFSET, many.targets(), many.n(), dh, new Gradient(many.size()));
    Gradient expected = new Gradient(few.size());
    float[] expectedDh = new float[few.n() * few.hidden()];
    float[] inputs = few.inputs();
    int[] targets = few.targets();
    double loss = few.head(params).train(inputs, OFFSET, targets, few.n(), expectedDh, expected);
    Gradient actual = new Gradient(few.size());
    assertThat(used.train(inputs, OFFSET, targets, few.n(), dh, actual)).isEqualTo(loss);
    assertThat(Arrays.copyOf(dh, expectedDh.length)).containsExactly(expectedDh);
    assertThat(actual.dense()).containsExactly(expected.dense());
  }

  @Test
  void masked_positions_alone_give_nothing() {
    for (boolean biased : new boolean[] {true, false}) {
      Case c = new Case(300, 6, 1100, biased, 1, 0.1);
      float[] dh = uniform(c.n() * c.hidden(), 1, 4);
      Gradient gradient = new Gradient(c.size());
      SoftmaxHead head = c.head(c.params());
      assertThat(head.train(c.inputs(), OFFSET, c.targets(), c.n(), dh, gradient)).isZero();
      assertThat(head.evaluate(c.inputs(), OFFSET, c.targets(), c.n(), null, null)).isZero();
      assertThat(dh).containsOnly(0);
      assertThat(gradient.dense()).containsOnly(0);
    }
  }

  @Test
  void changed_parameters_change_what_is_spread() {
    Case c = new Case(600, 9, 20, true, 3, 0.2);
    float[] dh = new float[c.n() * c.hidden()];
    SoftmaxHead head = c.head(uniform(c.size(), 1, 8));
    head.train(c.inputs(), OFFSET, c.targets(), c.n(), dh, new Gradient(c.size()));
    head.load(c.params());
    head.train(c.inputs(), OFFSET, c.targets(), c.n(), dh, new Gradient(c.size()));
    float[] expected = new float[dh.length];
    c.head(c.params())
        .train(c.inputs(), OFFSET, c.targets(), c.n(), expected, new Gradient(c.size()));
    assertThat(dh).containsExactly(expected);
  }

  @Test
  void the_number_of_threads_changes_no_bit() {
    Case c = new Case(1000, 7, 64, true, 3, 0.1);
    float[][] expected = null;
    for (int threads : new int[] {1, 2, 3, 5}) {
      SoftmaxHead head =
          new SoftmaxHead(c.weight(), c.bias(), c.smoothing(), c.n(), new Team(threads));
      head.load(c.params());
      float[] dh = new float[c.n() * c.hidden()];
      Gradient gradient = new Gradient(c.size());
      double loss = head.train(c.inputs(), OFFSET, c.targets(), c.n(), dh, gradient);
      float[] scores = new float[c.n() * c.vocabulary()];
      head.logProbabilities(c.inputs(), OFFSET, c.n(), scores);
      float[][] results = {gradient.dense(), dh, scores, {(float) loss}};
      expected = expected == null ? results : expected;
      assertThat(results).isDeepEqualTo(expected);
    }
  }

  /** The inputs are as after a state that exploded: training must see it and stop. */
  @Test
  void a_nan_at_one_position_shows_in_loss_and_gradient_and_leaves_other_positions_alone() {
    Case c = new Case(300, 6, 1100, true, 0);
    float[] inputs = c.inputs();
    inputs[OFFSET + 700 * c.hidden()] = Float.NaN;
    float[] dh = new float[c.n() * c.hidden()];
    Gradient gradient = new Gradient(c.size());
    SoftmaxHead head = c.head(c.params());
    assertThat(head.evaluate(inputs, OFFSET, c.targets(), c.n(), null, null)).isNaN();
    assertThat(head.train(inputs, OFFSET, c.targets(), c.n(), dh, gradient)).isNaN();
    assertThat(gradient.dense()[c.weight().offset()]).isNaN();
    for (int i = 0; i < dh.length; i++) {
      if (Float.isNaN(dh[i]) != (i / c.hidden() == 700)) {
        assertThat(i / c.hidden()).as("the position of %s", dh[i]).isEqualTo(700);
      }
    }
  }

  /** Every element within a bound times the size of its terms. */
  private static void assertClose(
      String what, float[] actual, double[] expected, double[] size, int times) {
    for (int i = 0; i < expected.length; i++) {
      double bound = BOUND * times * size[i];
      if (!(Math.abs(actual[i] - times * expected[i]) <= bound)) {
        assertThat((double) actual[i])
            .as("%s, element %d", what, i)
            .isCloseTo(times * expected[i], within(bound));
      }
    }
  }
}
