// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 70, 1000, 30_000})
  void softmax_is_that_of_doubles(int n) {
    for (float shift : new float[] {0, -300, 1e4f}) {
      float[] logits = KernelTwins.uniform(n + 3, 20, n);
      for (int i = 0; i < logits.length; i++) {
        logits[i] += shift;
      }
      double sum = 0;
      for (int i = 2; i < n + 2; i++) {
        sum += Math.exp((double) logits[i] - shift);
      }
      double expected = Math.log(sum) + shift;
      float[] p = logits.clone();
      assertThat(Ops.softmax(p, 2, n))
          .isCloseTo(expected, within(2e-7 * Math.abs(expected) + 1e-6));
      double total = 0;
      for (int i = 2; i < n + 2; i++) {
        double exact = Math.exp((double) logits[i] - shift) / sum;
        assertThat((double) p[i]).isCloseTo(exact, within(4e-6 * exact));
        total += p[i];
      }
      assertThat(total).isCloseTo(1, within(2e-6));
      assertThat(new float[] {p[0], p[1], p[n + 2]})
          .containsExactly(logits[0], logits[1], logits[n + 2]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 70, 30_000})
  void log_sum_exp_is_what_softmax_returns(int n) {
    float[] logits = KernelTwins.uniform(n, 20, n);
    assertThat(Ops.logSumExp(logits.clone(), 0, n)).isEqualTo(Ops.softmax(logits, 0, n));
  }

  @Test
  void softmax_of_a_nan_or_an_infinity_is_not_a_number() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] logits = KernelTwins.uniform(40, 1, 1);
      logits[21] = bad;
      assertThat(Ops.logSumExp(logits.clone(), 0, 40)).isNaN();
      assertThat(Ops.softmax(logits, 0, 40)).isNaN();
      assertThat(logits[21]).isNaN();
    }
  }

  @Test
  void softmax_gives_nothing_to_an_impossible_logit() {
    float[] logits = {1, Float.NEGATIVE_INFINITY, 1};
    assertThat(Ops.softmax(logits, 0, 3)).isCloseTo(1 + Math.log(2), within(1e-6));
    assertThat(logits[0]).isEqualTo(0.5f);
    assertThat(logits[1]).isBetween(0f, 1e-37f);
  }

  @Test
  void column_sums_are_added_row_by_row() {
    float[] x = KernelTwins.uniform(2 + 5 * 9, 1, 1);
    float[] sums = KernelTwins.uniform(9, 1, 2);
    float[] expected = sums.clone();
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 7; j++) {
        expected[1 + j] += x[2 + 9 * i + j];
      }
    }
    Ops.addColumnSums(x, 2, 9, 5, 7, sums, 1);
    assertThat(sums).containsExactly(expected);
  }

  @Test
  void a_product_of_elements_touches_only_its_piece() {
    float[] x = {1, 2, 3, 4};
    Ops.multiply(x, 1, new float[] {9, 10, 20}, 1, 2);
    assertThat(x).containsExactly(1, 20, 60, 4);
  }

  @Test
  void products_that_do_not_fit_are_refused_with_both_shapes() {
    float[] x = new float[12];
    PackedMatrix b = new PackedMatrix().pack(new float[12], 0, 4, 3, 4);
    assertRefused(
        () -> Ops.gemm(5, x, 0, 3, b, new float[20], 0, 4, false),
        "A [5, 3] at offset 0 with stride 3 does not fit an array of 12 floats");
    assertRefused(
        () -> Ops.gemm(4, x, 0, 2, b, new float[20], 0, 4, false),
        "A [4, 3] at offset 0 with stride 2 does not fit an array of 12 floats");
    assertRefused(
        () -> Ops.gemm(4, x, 0, 3, b, x, 1, 4, false),
        "C [4, 4] at offset 1 with stride 4 does not fit an array of 12 floats");
    assertRefused(
        () -> Ops.gemm(1, x, -1, 3, b, x, 0, 4, false), "A [1, 3] at offset -1 with stride 3");
    assertRefused(() -> Ops.gemm(-1, x, 0, 3, b, x, 0, 4, false), "A [-1, 3] at offset 0");
    assertRefused(
        () -> Ops.gemmTransposed(5, x, 0, 5, b, new float[20], 0, 4, false),
        "A [3, 5] at offset 0 with stride 5 does not fit an array of 12 floats");
    assertRefused(
        () -> Ops.gemmWithBias(3, x, 0, 3, b, x, 9, new float[12], 0, 4),
        "bias [1, 4] at offset 9 with stride 4 does not fit an array of 12 floats");
    assertRefused(
        () -> new PackedMatrix().pack(x, 0, 4, 4, 4),
        "B [4, 4] at offset 0 with stride 4 does not fit an array of 12 floats");
    assertRefused(
        () -> new PackedMatrix().packTransposed(x, 0, 4, 4, 4),
        "W [4, 4] at offset 0 with stride 4 does not fit an array of 12 floats");
  }

  @Test
  void a_matrix_whose_end_is_beyond_all_integers_is_refused() {
    assertRefused(
        () -> Ops.addColumnSums(new float[3], 0, 1 << 30, 9, 3, new float[3], 0),
        "x [9, 3] at offset 0 with stride 1073741824 does not fit an array of 3 floats");
  }

  @Test
  void vectors_that_do_not_fit_are_refused_with_both_lengths() {
    float[] x = new float[5];
    String fit = "at offset 1 with stride 5 does not fit an array of 5 floats";
    assertRefused(() -> Ops.softmax(x, 1, 5), "x [1, 5] " + fit);
    assertRefused(() -> Ops.logSumExp(x, 1, 5), "x [1, 5] " + fit);
    assertRefused(() -> Ops.multiply(x, 0, x, 1, 5), "y [1, 5] " + fit);
    assertRefused(() -> Ops.multiply(x, 1, x, 0, 5), "x [1, 5] " + fit);
    assertRefused(() -> Ops.addColumnSums(x, 0, 5, 1, 5, x, 1), "sums [1, 5] " + fit);
  }

  @Test
  void cells_that_do_not_fit_are_refused_with_both_shapes() {
    float[] ok = new float[100];
    float[] x = new float[5];
    assertRefused(
        () -> Ops.elmanTanhForward(2, 3, x, 0, ok, 0),
        "gates [2, 3] at offset 0 with stride 3 does not fit an array of 5 floats");
    assertRefused(() -> Ops.elmanTanhForward(2, 3, ok, 0, x, 0), "h [2, 3]");
    assertRefused(() -> Ops.lstmForward(2, 3, x, 0, ok, 0, ok, 0, ok, 0), "gates [2, 12]");
    assertRefused(() -> Ops.lstmForward(2, 3, ok, 0, x, 0, ok, 0, ok, 0), "previous c [2, 3]");
    assertRefused(() -> Ops.lstmForward(2, 3, ok, 0, ok, 0, x, 0, ok, 0), "c [2, 3]");
    assertRefused(() -> Ops.lstmForward(2, 3, ok, 0, ok, 0, ok, 0, x, 0), "h [2, 3]");
    assertRefused(() -> Ops.gruForward(2, 3, x, 0, ok, 0, ok, 0, ok, 0), "gates [2, 9]");
    assertRefused(() -> Ops.gruForward(2, 3, ok, 0, x, 0, ok, 0, ok, 0), "candidate [2, 3]");
    assertRefused(() -> Ops.gruForward(2, 3, ok, 0, ok, 0, x, 0, ok, 0), "previous h [2, 3]");
    assertRefused(() -> Ops.gruForward(2, 3, ok, 0, ok, 0, ok, 0, x, 0), "h [2, 3]");
    String[] lstm = {"gates [2, 12]", "previous c [2", "c [2", "dy [2", "dh [2", "dc [2"};
    String[] gru = {
      "gates [2, 9]", "candidate [2", "previous h [2", "dy [2", "dh [2", "previous dh"
    };
    for (int i = 0; i < 6; i++) {
      float[][] a = {ok, ok, ok, ok, ok, ok};
      a[i] = x;
      assertRefused(
          () -> Ops.lstmBackward(2, 3, a[0], 0, a[1], 0, a[2], 0, a[3], 0, a[4], 0, a[5], 0),
          lstm[i]);
      assertRefused(
          () -> Ops.gruBackward(2, 3, a[0], 0, a[1], 0, a[2], 0, a[3], 0, a[4], 0, a[5], 0),
          gru[i]);
    }
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("does not fit an array of");
  }
}
