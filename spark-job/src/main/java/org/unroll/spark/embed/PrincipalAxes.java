// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;

/**
 * Says the same with fewer numbers: puts the rows of a matrix on those axes along which they are
 * longest. No others keep the products of all rows with one another better (Eckart and Young 1936).
 */
final class PrincipalAxes {
  /** The rows whose products are added up before they go to the double-precision sum. */
  private static final int ROWS = 1 << 10;

  private PrincipalAxes() {}

  /**
   * Returns the rows on their most important axes, most important first.
   *
   * @param x {@code [rows, width]}
   * @param size at most the width
   * @return {@code [rows, size]}
   */
  static float[] reduce(float[] x, int width, int size) {
    int rows = x.length / width;
    EigenDecomposition axes = new EigenDecomposition(products(x, width));
    float[] chosen = new float[width * size];
    for (int j = 0; j < size; j++) {
      for (int i = 0; i < width; i++) {
        chosen[i * size + j] = (float) axes.getV().getEntry(i, j);
      }
    }
    float[] reduced = new float[Math.multiplyExact(rows, size)];
    PackedMatrix packed = new PackedMatrix().pack(chosen, 0, size, width, size);
    Ops.gemm(rows, x, 0, width, packed, reduced, 0, size, false);
    return reduced;
  }

  /** Returns {@code X^T X}. */
  private static RealMatrix products(float[] x, int width) {
    int rows = x.length / width;
    double[][] sum = new double[width][width];
    float[] part = new float[width * width];
    PackedLeft left = new PackedLeft();
    PackedMatrix right = new PackedMatrix();
    for (int from = 0; from < rows; from += ROWS) {
      int count = Math.min(ROWS, rows - from);
      left.pack(x, from * width, width, count, width);
      right.pack(x, from * width, width, count, width);
      Ops.gemm(left, right, part, 0, width, false);
      for (int i = 0; i < width; i++) {
        for (int j = 0; j <= i; j++) {
          sum[i][j] += part[i * width + j];
          sum[j][i] = sum[i][j];
        }
      }
    }
    return new Array2DRowRealMatrix(sum, false);
  }
}
