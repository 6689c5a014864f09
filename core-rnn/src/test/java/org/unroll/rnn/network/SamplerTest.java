// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.math.RandomBits;

class SamplerTest {
  private static final int DRAWS = 40_000;

  /** Ties everywhere: within the top, at the cut, and between both zeros. */
  private static final float[] LOGITS = {0.5f, -1, 2, 0f, 0.5f, -3, 2, -0f, 0.5f, 1};

  @Test
  void frequencies_are_the_brute_force_distribution() {
    float[] random = new float[13];
    SplittableRandom source = new SplittableRandom(3);
    for (int i = 0; i < random.length; i++) {
      random[i] = (float) (6 * source.nextDouble() - 3);
    }
    for (float[] logits : List.of(LOGITS, random)) {
      for (double temperature : new double[] {0.3, 1, 2.5}) {
        for (int topK : new int[] {0, 1, 4, 7, 100}) {
          for (double topP : new double[] {0.05, 0.5, 0.9, 1}) {
            check(logits, new Sampling(temperature, topK, topP, 17));
          }
        }
      }
    }
  }

  private static void check(float[] logits, Sampling sampling) {
    double[] expected = bruteForce(logits, sampling);
    int[] counts = new int[logits.length];
    Sampling.Sampler sampler = new Sampling.Sampler(sampling, logits.length);
    for (int i = 0; i < DRAWS; i++) {
      counts[sampler.next(logits, i)]++;
    }
    for (int id = 0; id < logits.length; id++) {
      double deviation = Math.sqrt(expected[id] * (1 - expected[id]) / DRAWS);
      assertThat((double) counts[id] / DRAWS)
          .as("%s, token %d", sampling, id)
          .isCloseTo(expected[id], within(expected[id] == 0 ? 0 : 5 * deviation + 1e-12));
    }
  }

  /** The definition in {@link Sampling}, step by step on lists. */
  private static double[] bruteForce(float[] logits, Sampling sampling) {
    double[] p = new double[logits.length];
    List<Integer> ids = new ArrayList<>();
    for (int id = 0; id < logits.length; id++) {
      p[id] = Math.exp(logits[id] / sampling.temperature());
      ids.add(id);
    }
    ids.sort(Comparator.<Integer>comparingDouble(id -> -p[id]).thenComparingInt(id -> id));
    if (sampling.topK() > 0) {
      ids = ids.subList(0, Math.min(ids.size(), sampling.topK()));
    }
    double all = ids.stream().mapToDouble(id -> p[id]).sum();
    List<Integer> nucleus = new ArrayList<>();
    double sum = 0;
    for (int id : ids) {
      if (sum < sampling.topP() * all * (1 - 1e-12)) {
        nucleus.add(id);
        sum += p[id];
      }
    }
    double[] result = new double[p.length];
    for (int id : nucleus) {
      result[id] = p[id] / sum;
    }
    return result;
  }

  @Test
  void greedy_takes_the_most_probable_and_of_equal_ones_the_lowest_id() {
    Sampling.Sampler greedy = new Sampling.Sampler(new Sampling(0, 0, 1, 5), 10);
    for (int i = 0; i < 20; i++) {
      assertThat(greedy.next(LOGITS, i)).isEqualTo(2);
    }
    assertThat(
            new Sampling.Sampler(new Sampling(0, 3, 0.5, 5), 3).next(new float[] {-0f, 0f, -1}, 0))
        .isZero();
  }

  @Test
  void top_k_of_equal_tokens_keeps_the_lowest_ids() {
    float[] equal = new float[50];
    assertThat(drawn(equal, new Sampling(1, 3, 1, 9))).containsExactly(0, 1, 2);
    float[] zeros = {-0f, 0f, -0f, 0f};
    assertThat(drawn(zeros, new Sampling(1, 2, 1, 9))).containsExactly(0, 1);
  }

  @Test
  void top_p_of_equal_tokens_keeps_the_lowest_ids() {
    assertThat(drawn(new float[8], new Sampling(1, 0, 0.5, 9))).containsExactly(0, 1, 2, 3);
    assertThat(drawn(new float[8], new Sampling(1, 0, 0.51, 9))).containsExactly(0, 1, 2, 3, 4);
    assertThat(drawn(new float[8], new Sampling(1, 0, 1e-300, 9))).containsExactly(0);
  }

  @Test
  void top_p_counts_what_top_k_has_left() {
    assertThat(drawn(new float[8], new Sampling(1, 4, 0.5, 9))).containsExactly(0, 1);
  }

  private static int[] drawn(float[] logits, Sampling sampling) {
    Sampling.Sampler sampler = new Sampling.Sampler(sampling, logits.length);
    int[] ids = new int[1000];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = sampler.next(logits, i);
    }
    return Arrays.stream(ids).distinct().sorted().toArray();
  }

  @Test
  void the_draw_depends_on_seed_and_position_alone() {
    Sampling.Sampler a = new Sampling.Sampler(new Sampling(1, 0, 1, 21), 10);
    Sampling.Sampler b = new Sampling.Sampler(new Sampling(1, 0, 1, 21), 10);
    Sampling.Sampler other = new Sampling.Sampler(new Sampling(1, 0, 1, 22), 10);
    int differences = 0;
    for (int i = 0; i < 100; i++) {
      assertThat(a.next(LOGITS, i)).isEqualTo(a.next(LOGITS, i)).isEqualTo(b.next(LOGITS, i));
      differences += a.next(LOGITS, i) == other.next(LOGITS, i) ? 0 : 1;
    }
    assertThat(differences).isGreaterThan(50);
  }

  @Test
  void two_equal_tokens_split_the_unit_interval_in_half() {
    Sampling.Sampler sampler = new Sampling.Sampler(new Sampling(0.7, 0, 1, 4), 2);
    for (int i = 0; i < 200; i++) {
      boolean upper = RandomBits.uniformDouble(RandomBits.key(4), i) >= 0.5;
      assertThat(sampler.next(new float[] {3, 3}, i)).isEqualTo(upper ? 1 : 0);
    }
  }

  @Test
  void large_logits_keep_their_difference() {
    // Both exponentials underflow or overflow unless the larger logit is taken off first, exactly.
    float[] logits = {100_000_000, 100_000_008};
    assertThat(bernoulli(logits, 8)).isCloseTo(Math.E / (1 + Math.E), within(0.012));
  }

  private static double bernoulli(float[] logits, double temperature) {
    Sampling.Sampler sampler = new Sampling.Sampler(new Sampling(temperature, 0, 1, 6), 2);
    int ones = 0;
    for (int i = 0; i < DRAWS; i++) {
      ones += sampler.next(logits, i);
    }
    return (double) ones / DRAWS;
  }

  @Test
  void extremes_do_not_overflow() {
    float[] logits = {-Float.MAX_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, 0};
    assertThat(drawn(logits, new Sampling(1, 0, 1, 2))).containsExactly(1);
    assertThat(drawn(logits, new Sampling(Double.MIN_VALUE, 0, 0.9, 2))).containsExactly(1);
    assertThat(drawn(logits, new Sampling(1e300, 0, 1, 2))).containsExactly(0, 1, 3);
    assertThat(drawn(logits, new Sampling(1e300, 4, 1, 2))).containsExactly(0, 1, 3);
  }

  @Test
  void what_is_no_distribution_is_refused_with_token_and_position() {
    float[][] bad = {
      {1, Float.NaN, 2}, {1, Float.POSITIVE_INFINITY, Float.NaN}, {Float.NaN, 1, 2},
    };
    int[] token = {1, 2, 0};
    for (int i = 0; i < bad.length; i++) {
      float[] logits = bad[i];
      for (double temperature : new double[] {0, 1}) {
        Sampling.Sampler sampler = new Sampling.Sampler(new Sampling(temperature, 0, 1, 2), 3);
        assertThatThrownBy(() -> sampler.next(logits, 12))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("token " + token[i] + " at position 12 is NaN");
      }
    }
    Sampling.Sampler sampler = new Sampling.Sampler(new Sampling(1, 0, 1, 2), 1);
    assertThatThrownBy(() -> sampler.next(new float[] {Float.POSITIVE_INFINITY}, 0))
        .hasMessageContaining("is Infinity");
    assertThatThrownBy(() -> sampler.next(new float[] {Float.NEGATIVE_INFINITY}, 0))
        .hasMessageContaining("is -Infinity");
  }
}
