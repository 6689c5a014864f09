// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import org.unroll.rnn.math.RandomBits;

/**
 * Random orthogonal matrices, uniform over all of them: Q of a Gaussian matrix's QR decomposition
 * by Householder's reflections, with the signs that make R's diagonal positive (Mezzadri 2007).
 */
final class Orthogonal {
  private final int n;

  /** The Gaussian matrix column by column, then the reflections' vectors, from the diagonal on. */
  private final double[] a;

  private final double[] tau;
  private final double[] sign;

  private Orthogonal(int n, long key) {
    this.n = n;
    this.a = new double[n * n];
    this.tau = new double[n];
    this.sign = new double[n];
    for (int i = 0; i < a.length; i++) {
      a[i] = RandomBits.gaussian(key, i);
    }
  }

  /** Writes an n x n matrix, row-major, from {@code offset} on. */
  static void fill(float[] out, int offset, int n, long key) {
    Orthogonal matrix = new Orthogonal(n, key);
    for (int k = 0; k < n; k++) {
      matrix.eliminate(k);
    }
    matrix.write(out, offset);
  }

  /** Makes column k zero below the diagonal, and reflects the columns after it. */
  private void eliminate(int k) {
    int v = k * n + k;
    int length = n - k;
    double norm = Math.sqrt(dot(a, v, a, v, length));
    sign[k] = a[v] > 0 ? -1 : 1;
    a[v] -= sign[k] * norm;
    double squares = dot(a, v, a, v, length);
    tau[k] = squares == 0 ? 0 : 2 / squares;
    for (int j = k + 1; j < n; j++) {
      reflect(k, a, j * n + k);
    }
  }

  /** Applies the reflections, last to first, to the columns of the unit matrix. */
  private void write(float[] out, int offset) {
    double[] column = new double[n];
    for (int j = 0; j < n; j++) {
      Arrays.fill(column, 0);
      column[j] = sign[j];
      for (int k = j; k >= 0; k--) {
        reflect(k, column, k);
      }
      for (int i = 0; i < n; i++) {
        out[offset + i * n + j] = (float) column[i];
      }
    }
  }

  /** {@code x -= tau v (v . x)} for reflection k and x from {@code at} on. */
  private void reflect(int k, double[] x, int at) {
    int v = k * n + k;
    int length = n - k;
    double factor = tau[k] * dot(a, v, x, at, length);
    for (int i = 0; i < length; i++) {
      x[at + i] -= factor * a[v + i];
    }
  }

  /** Four sums side by side, so that no addition waits for the one before it. */
  private static double dot(double[] x, int xAt, double[] y, int yAt, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i <= length - 4; i += 4) {
      s0 += x[xAt + i] * y[yAt + i];
      s1 += x[xAt + i + 1] * y[yAt + i + 1];
      s2 += x[xAt + i + 2] * y[yAt + i + 2];
      s3 += x[xAt + i + 3] * y[yAt + i + 3];
    }
    for (; i < length; i++) {
      s0 += x[xAt + i] * y[yAt + i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
