// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.math.RandomBits;

class PrincipalAxesTest {
  /** Rows that need two pieces, and that are long on three axes and short on the others. */
  private static final int ROWS = 1500;

  private static final int WIDTH = 7;
  private static final int LONG = 3;

  private static float[] rows(float shortLength) {
    float[] x = new float[ROWS * WIDTH];
    for (int row = 0; row < ROWS; row++) {
      for (int axis = 0; axis < WIDTH; axis++) {
        float along = RandomBits.uniform(axis, row) - 0.5f;
        float length = axis < LONG ? along * (LONG - axis) : along * shortLength;
        // The axes lie askew.
        for (int i = 0; i < WIDTH; i++) {
          x[row * WIDTH + i] += length * (float) Math.cos((2 * i + 1) * axis * Math.PI / 2 / WIDTH);
        }
      }
    }
    return x;
  }

  private static double product(float[] x, int width, int a, int b) {
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += (double) x[a * width + i] * x[b * width + i];
    }
    return sum;
  }

  @Test
  void products_of_rows_stay_if_they_have_no_more_axes() {
    float[] x = rows(0);
    float[] reduced = PrincipalAxes.reduce(x, WIDTH, LONG);
    assertThat(reduced).hasSize(ROWS * LONG);
    for (int row = 0; row < ROWS; row++) {
      int other = (row * 31 + 7) % ROWS;
      assertThat(product(reduced, LONG, row, other))
          .isCloseTo(product(x, WIDTH, row, other), within(1e-4));
    }
  }

  @Test
  void axes_are_those_of_the_singular_values_largest_first() {
    float[] x = rows(0.1f);
    float[] reduced = PrincipalAxes.reduce(x, WIDTH, LONG);
    double[][] matrix = new double[ROWS][WIDTH];
    for (int i = 0; i < x.length; i++) {
      matrix[i / WIDTH][i % WIDTH] = x[i];
    }
    double[] values =
        new SingularValueDecomposition(new Array2DRowRealMatrix(matrix, false)).getSingularValues();
    for (int axis = 0; axis < LONG; axis++) {
      double squares = 0;
      for (int row = 0; row < ROWS; row++) {
        squares += (double) reduced[row * LONG + axis] * reduced[row * LONG + axis];
      }
      assertThat(Math.sqrt(squares)).isCloseTo(values[axis], within(1e-4 * values[axis]));
    }
  }

  @Test
  void fewer_rows_than_axes_leave_zeros() {
    float[] reduced = PrincipalAxes.reduce(new float[] {3, 0, 0, 4}, 4, 2);
    assertThat(Math.abs(reduced[0])).isCloseTo(5, offset(1e-6f));
    assertThat(reduced[1]).isCloseTo(0, offset(1e-6f));
  }
}
