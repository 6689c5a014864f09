// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * Limits of a gradient: of each element, and of the norm of the whole vector (Pascanu et al. 2013)
 * with PyTorch's factor {@code min(1, limit / (norm + 1e-6))}.
 */
final class GradientClip {
  private final double maxNorm;
  private final float maxValue;

  /** Limits, each 0 for none. */
  GradientClip(double maxNorm, double maxValue) {
    this.maxNorm = maxNorm;
    this.maxValue = (float) maxValue;
  }

  /** Limits the elements between two indices. */
  void clipValues(float[] gradient, int from, int to) {
    if (maxValue == 0) {
      return;
    }
    for (int i = from; i < to; i++) {
      gradient[i] = Math.max(-maxValue, Math.min(maxValue, gradient[i]));
    }
  }

  /** What to multiply a gradient of this norm with; 1 if the norm is within the limit. */
  float factor(double norm) {
    return maxNorm == 0 ? 1 : (float) Math.min(1, maxNorm / (norm + 1e-6));
  }

  /**
   * The sum of squares between two indices, in double. Eight sums side by side, always the same
   * elements in each, keep the processor busy where one would wait for every addition.
   */
  static double sumOfSquares(float[] gradient, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    int i = from;
    for (; i <= to - 8; i += 8) {
      s0 += square(gradient[i]);
      s1 += square(gradient[i + 1]);
      s2 += square(gradient[i + 2]);
      s3 += square(gradient[i + 3]);
      s4 += square(gradient[i + 4]);
      s5 += square(gradient[i + 5]);
      s6 += square(gradient[i + 6]);
      s7 += square(gradient[i + 7]);
    }
    for (; i < to; i++) {
      s0 += square(gradient[i]);
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  private static double square(double x) {
    return x * x;
  }
}
