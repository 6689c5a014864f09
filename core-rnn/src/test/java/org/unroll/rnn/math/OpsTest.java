// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpsTest {

  /** Columns of a softmax: whole vectors and a rest. */
  private static final int COLUMNS = 37;

  /** Rows per block, as a large vocabulary is worked through. */
  private static final int BLOCK = 256;

  /**
   * Replaces the logits {@code [n, columns]} without their bias by probabilities, block by block;
   * returns the logarithm of each column's sum of exponentials.
   */
  private static double[] softmax(int n, int columns, float[] x, int xo, float[] bias, int bo) {
    float[] max = new float[columns];
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int v = 0; v < n; v += BLOCK) {
      int rows = Math.min(BLOCK, n - v);
      Ops.columnMax(rows, columns, x, xo + v * columns, bias, bo + v, max);
    }
    double[] sum = new double[columns];
    for (int v = 0; v < n; v += BLOCK) {
      int rows = Math.min(BLOCK, n - v);
      float[] blockSum = new float[columns];
      Ops.columnExp(rows, columns, x, xo + v * columns, bias, bo + v, max, blockSum);
      for (int j = 0; j < columns; j++) {
        sum[j] += blockSum[j];
      }
    }
    double[] logarithm = new double[columns];
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < n; i++) {
        x[xo + i * columns + j] *= (float) (1 / sum[j]);
      }
      logarithm[j] = max[j] + Math.log(sum[j]);
    }
    return logarithm;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 70, 256, 257, 1000, 30_000})
  void a_softmax_of_columns_is_that_of_doubles(int n) {
    for (float shift : new float[] {0, -300, 1e4f}) {
      float[] x = KernelTwins.uniform(n * COLUMNS + 3, 20, n);
      float[] bias = KernelTwins.uniform(n + 2, 3, n + 1);
      for (int i = 0; i < x.length; i++) {
        x[i] += shift;
      }
      float[] p = x.clone();
      double[] logarithm = softmax(n, COLUMNS, p, 2, bias, 1);
      for (int j = 0; j < COLUMNS; j++) {
        assertSoftmax(logits(x, bias, n, j), shift, logarithm[j], p, j);
      }
      assertThat(new float[] {p[0], p[1], p[n * COLUMNS + 2]})
          .containsExactly(x[0], x[1], x[n * COLUMNS + 2]);
    }
  }

  /** The logits of a column, rounded to floats as they are when there is a probability to take. */
  private static double[] logits(float[] x, float[] bias, int n, int column) {
    double[] logits = new double[n];
    for (int i = 0; i < n; i++) {
      logits[i] = x[2 + i * COLUMNS + column] + bias[1 + i];
    }
    return logits;
  }

  private static void assertSoftmax(
      double[] logits, float shift, double logarithm, float[] p, int column) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - shift);
    }
    double expected = Math.log(sum) + shift;
    assertThat(logarithm).isCloseTo(expected, within(2e-7 * Math.abs(expected) + 1e-6));
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      double exact = Math.exp(logits[i] - shift) / sum;
      float actual = p[2 + i * COLUMNS + column];
      if (!(Math.abs(actual - exact) <= 4e-6 * exact)) {
        assertThat((double) actual).isCloseTo(exact, within(4e-6 * exact));
      }
      total += actual;
    }
    assertThat(total).isCloseTo(1, within(2e-6));
  }

  @Test
  void blocks_of_columns_leave_a_maximum_where_it_is_larger_and_add_to_the_sums() {
    float[] bias = {0.5f, -1};
    float[] max = {5, -9, 2.5f};
    Ops.columnMax(2, 3, new float[] {1, 2, 2, 3, 4, 3}, 0, bias, 0, max);
    assertThat(max).containsExactly(5, 3, 2.5f);
    float[] sums = {10, 20, 30};
    Ops.columnExp(1, 3, new float[] {4.5f, 2.5f, 2}, 0, bias, 0, max, sums);
    assertThat(sums).containsExactly(11, 21, 31);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 17, 35})
  void the_softmax_of_a_column_with_a_nan_or_an_infinity_is_not_a_number(int column) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (int row : new int[] {0, 300, 399}) {
        float[] x = KernelTwins.uniform(400 * 36, 1, 1);
        int at = row * 36 + column;
        x[at] = bad;
        double[] logarithm = softmax(400, 36, x, 0, new float[400], 0);
        assertThat(x[at]).isNaN();
        for (int j = 0; j < 36; j++) {
          assertThat(Double.isNaN(logarithm[j])).as("column %d", j).isEqualTo(j == column);
        }
      }
    }
  }

  @Test
  void an_infinite_bias_makes_all_columns_not_a_number() {
    float[] x = KernelTwins.uniform(3 * 20, 1, 1);
    float[] bias = {0, Float.POSITIVE_INFINITY, 0};
    assertThat(softmax(3, 20, x, 0, bias, 0)).containsOnly(Double.NaN);
  }

  @Test
  void a_softmax_gives_nothing_to_an_impossible_logit() {
    float[] x = new float[3 * 20];
    Arrays.fill(x, 1);
    x[20 + 18] = Float.NEGATIVE_INFINITY;
    double[] logarithm = softmax(3, 20, x, 0, new float[3], 0);
    assertThat(logarithm[18]).isCloseTo(1 + Math.log(2), within(1e-6));
    assertThat(logarithm[17]).isCloseTo(1 + Math.log(3), within(1e-6));
    assertThat(x[18]).isEqualTo(0.5f);
    assertThat(x[20 + 18]).isBetween(0f, 1e-37f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 70, 1000, 30_000})
  void dots_of_rows_are_those_of_doubles(int n) {
    float[] x = KernelTwins.uniform(2 + 3 * n, 2, n);
    float[] y = KernelTwins.uniform(n, 2, n + 1);
    float[] out = KernelTwins.uniform(6, 2, n + 2);
    float[] before = out.clone();
    Ops.addRowDots(3, n, x, 2, y, 0, out, 1);
    for (int i = 0; i < 3; i++) {
      double expected = before[1 + i];
      double size = Math.abs(expected);
      for (int j = 0; j < n; j++) {
        double product = (double) x[2 + i * n + j] * y[j];
        expected += product;
        size += Math.abs(product);
      }
      assertThat((double) out[1 + i]).isCloseTo(expected, within(1e-6 * size));
    }
    assertThat(new float[] {out[0], out[4], out[5]})
        .containsExactly(before[0], before[4], before[5]);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 15, 16, 17, 70, 256, 1000, 30_000})
  void a_sum_of_squares_is_that_of_doubles(int n) {
    for (float scale : new float[] {1e-15f, 1, 1e15f}) {
      float[] x = KernelTwins.uniform(n + 3, scale, n);
      double expected = 0;
      for (int i = 2; i < n + 2; i++) {
        expected += (double) x[i] * x[i];
      }
      assertThat(Ops.sumOfSquares(x, 2, n)).isCloseTo(expected, within(1e-12 * expected));
    }
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
        () -> new PackedLeft().pack(x, 0, 5, 3, 5),
        "X [3, 5] at offset 0 with stride 5 does not fit an array of 12 floats");
    assertRefused(
        () -> new PackedLeft().pack(x, 1, 4, 3, 4),
        "X [3, 4] at offset 1 with stride 4 does not fit an array of 12 floats");
    assertRefused(() -> new PackedLeft().pack(x, 0, 2, 3, 4), "X [3, 4] at offset 0 with stride 2");
    assertRefused(() -> new PackedLeft().pack(x, -1, 4, 3, 4), "X [3, 4] at offset -1");
    assertRefused(() -> new PackedLeft().pack(x, 0, 4, -3, 4), "X [-3, 4] at offset 0");
    PackedLeft left = new PackedLeft().pack(x, 0, 4, 3, 4);
    assertRefused(
        () -> Ops.gemm(left, b, new float[15], 0, 4, false),
        "C [4, 4] at offset 0 with stride 4 does not fit an array of 15 floats");
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
  void factors_whose_inner_sizes_differ_are_refused_with_both_shapes() {
    PackedLeft left = new PackedLeft().pack(new float[10], 0, 5, 2, 5);
    PackedMatrix b = new PackedMatrix().pack(new float[12], 0, 4, 3, 4);
    float[] c = new float[20];
    assertThatThrownBy(() -> Ops.gemm(left, b, c, 0, 4, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A [5, 2] and B [3, 4] do not fit together");
    assertThat(c).containsOnly(0);
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
    assertRefused(() -> Ops.sumOfSquares(x, 1, 5), "x [1, 5] " + fit);
    assertRefused(() -> Ops.multiply(x, 0, x, 1, 5), "y [1, 5] " + fit);
    assertRefused(() -> Ops.multiply(x, 1, x, 0, 5), "x [1, 5] " + fit);
    assertRefused(() -> Ops.addColumnSums(x, 0, 5, 1, 5, x, 1), "sums [1, 5] " + fit);
  }

  @Test
  void reductions_that_do_not_fit_are_refused_with_both_shapes() {
    float[] ok = new float[10];
    float[] x = new float[5];
    String fit = " does not fit an array of 5 floats";
    String matrix = "x [2, 3] at offset 0 with stride 3" + fit;
    String columns = " [1, 6] at offset 0 with stride 6" + fit;
    String rows = " [1, 2] at offset 4 with stride 2" + fit;
    assertRefused(() -> Ops.columnMax(2, 3, x, 0, ok, 0, ok), matrix);
    assertRefused(() -> Ops.columnMax(2, 3, ok, 0, x, 4, ok), "bias" + rows);
    assertRefused(() -> Ops.columnMax(1, 6, ok, 0, ok, 0, x), "max" + columns);
    assertRefused(() -> Ops.columnExp(2, 3, x, 0, ok, 0, ok, ok), matrix);
    assertRefused(() -> Ops.columnExp(2, 3, ok, 0, x, 4, ok, ok), "bias" + rows);
    assertRefused(() -> Ops.columnExp(1, 6, ok, 0, ok, 0, x, ok), "max" + columns);
    assertRefused(() -> Ops.columnExp(1, 6, ok, 0, ok, 0, ok, x), "sums" + columns);
    assertRefused(() -> Ops.addRowDots(2, 3, x, 0, ok, 0, ok, 0), matrix);
    assertRefused(() -> Ops.addRowDots(1, 6, ok, 0, x, 0, ok, 0), "y" + columns);
    assertRefused(() -> Ops.addRowDots(2, 3, ok, 0, ok, 0, x, 4), "out" + rows);
    assertRefused(() -> Ops.columnMax(-1, 3, ok, 0, ok, 0, ok), "x [-1, 3] at offset 0");
  }

  @Test
  void cells_that_do_not_fit_are_refused_with_both_shapes() {
    float[] ok = new float[100];
    float[] x = new float[5];
    assertRefused(
        () -> Ops.tanh(x, 0, ok, 0, 6),
        "x [1, 6] at offset 0 with stride 6 does not fit an array of 5 floats");
    assertRefused(() -> Ops.tanh(ok, 0, x, 0, 6), "y [1, 6]");
    String[] arrays = {
      "gates [2, 9]", "previous h [2, 3]", "previous c [2, 3]", "candidate [2, 3]"
    };
    for (int i = 0; i < arrays.length; i++) {
      float[][] a = {ok, ok, ok, ok};
      a[i] = x;
      CellStep step = new CellStep(3, 3, a[0], a[1], a[2], a[3]).move(2, 0, 0, 0);
      assertRefused(() -> Ops.forward(CellKernels::gruForward, step), arrays[i]);
      assertRefused(() -> Ops.backward(CellKernels::gruBackward, step), arrays[i]);
    }
    CellStep lstm = new CellStep(4, 3, ok, ok, ok, new float[0]);
    lstm.move(3, 6, 0, 0);
    assertRefused(() -> Ops.forward(CellKernels::lstmForward, lstm), "gates [3, 12] at offset 72");
    lstm.move(2, 0, 98, 0);
    assertRefused(() -> Ops.forward(CellKernels::lstmForward, lstm), "previous h [2, 3]");
    lstm.move(2, 0, 0, 98);
    assertRefused(() -> Ops.forward(CellKernels::lstmForward, lstm), "h [2, 3]");
    CellStep larger = new CellStep(4, 3, ok, new float[200], ok, ok);
    larger.move(2, 0, 98, 0);
    assertRefused(() -> Ops.forward(CellKernels::lstmForward, larger), "previous c [2, 3]");
    larger.move(2, 0, 0, 98);
    assertRefused(() -> Ops.forward(CellKernels::lstmForward, larger), "c [2, 3]");
    String[] gradients = {"dy [2, 3]", "dh [2, 3]", "previous dh [2, 3]", "dc [2, 3]"};
    for (int i = 0; i < gradients.length; i++) {
      float[][] a = {ok, ok, ok, ok};
      a[i] = x;
      lstm.move(2, 0, 0, 0).take(a[0], a[1], a[2], a[3], 0);
      assertRefused(() -> Ops.backward(CellKernels::lstmBackward, lstm), gradients[i]);
    }
    lstm.take(ok, ok, ok, ok, 32);
    assertRefused(() -> Ops.backward(CellKernels::lstmBackward, lstm), "dh [2, 3] at offset 96");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("does not fit an array of");
  }
}
