// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.train.RandomUse;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;

/** One block against the loss as it is defined, in double, and its finite differences. */
class SkipGramLearnerTest {
  private static final int WORDS = 9;
  private static final int SIZE = 5;
  private static final int BLOCK = 16;
  private static final SkipGramSpec SPEC =
      new SkipGramSpec(SIZE, 3, 2, 0, 1, 100, 0.01, 1, 3, Wire.FP32);
  private static final Window WINDOW = new Window(0, 0, 0);
  private static final SkipGramModel MODEL = new SkipGramModel(WORDS, SIZE);
  private static final long[] COUNTS = {9, 8, 7, 6, 5, 4, 3, 2, 1};
  private static final int B = SkipGramText.BORDER;
  private static final int[] TEXT = {0, 3, 8, B, 1, 2, 2, 5, 0, B, B, 7, B, 4, 6, 1};

  private static float[] params() {
    float[] params = new float[2 * WORDS * SIZE];
    for (int i = 0; i < params.length; i++) {
      params[i] = RandomBits.uniform(1, i) - 0.5f;
    }
    return params;
  }

  private static WeightedSum learn(float[] params) {
    float[] keep = SkipGramText.keepProbabilities(COUNTS, 0);
    List<SkipGramText> texts = List.of(new SkipGramText(0, TEXT, SPEC, keep));
    SkipGramLearner learner = new SkipGramLearner(MODEL, SPEC, COUNTS, 1, texts);
    learner.load(params);
    WeightedSum sum = new WeightedSum(params.length);
    learner.gradient(0, WINDOW, sum);
    return sum;
  }

  private static double logSigmoid(double x) {
    return -Math.log1p(Math.exp(-x));
  }

  private static double product(double[] params, int centre, int other) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += params[centre * SIZE + i] * params[(WORDS + other) * SIZE + i];
    }
    return sum;
  }

  /** The loss, with the weight of pairs under "pairs". */
  private static double loss(double[] params, Map<String, Double> found) {
    NoiseTable noise = new NoiseTable(COUNTS);
    long noiseKey = RandomUse.NOISE.key(SPEC.seed(), 0, 0);
    double loss = 0;
    double pairs = 0;
    for (int i = 0; i < TEXT.length; i++) {
      for (int step = -1; step <= 1 && TEXT[i] != B; step += 2) {
        for (int j = i + step; Math.abs(j - i) <= SPEC.window(); j += step) {
          if (j < 0 || j >= TEXT.length || TEXT[j] == B) {
            break;
          }
          double weight = (SPEC.window() + 1 - Math.abs(j - i)) / (double) SPEC.window();
          pairs += weight;
          loss -= weight * logSigmoid(product(params, TEXT[i], TEXT[j]));
          for (int n = 0; n < BLOCK * SPEC.negative(); n++) {
            double x = product(params, TEXT[i], noise.draw(noiseKey, n));
            loss -= weight * logSigmoid(-x) / BLOCK;
          }
        }
      }
    }
    found.put("pairs", pairs);
    return loss;
  }

  @Test
  void the_loss_is_that_of_all_pairs_and_their_noise() {
    float[] params = params();
    double[] doubles = new double[params.length];
    for (int i = 0; i < params.length; i++) {
      doubles[i] = params[i];
    }
    Map<String, Double> found = new HashMap<>();
    double expected = loss(doubles, found);
    WeightedSum sum = learn(params);
    assertThat(sum.loss().weight()).isCloseTo(found.get("pairs"), offset(1e-5));
    assertThat(sum.loss().sum()).isCloseTo(expected, offset(1e-4 * expected));
  }

  @Test
  void a_block_moves_against_the_gradient() {
    float[] params = params();
    double[] doubles = new double[params.length];
    for (int i = 0; i < params.length; i++) {
      doubles[i] = params[i];
    }
    float[] changes = learn(params).parts().dense();
    double h = 1e-5;
    for (int i = 0; i < params.length; i++) {
      double at = doubles[i];
      doubles[i] = at + h;
      double up = loss(doubles, new HashMap<>());
      doubles[i] = at - h;
      double down = loss(doubles, new HashMap<>());
      doubles[i] = at;
      double expected = -SPEC.lr() * (up - down) / (2 * h);
      assertThat(changes[i]).as("parameter %d", i).isCloseTo((float) expected, offset(2e-6f));
    }
  }

  @Test
  void the_parameters_stay_as_they_are() {
    float[] params = params();
    learn(params);
    assertThat(params).isEqualTo(params());
  }
}
