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

  /** Whether elements are limited. */
  boolean limitsValues() {
    return maxValue > 0;
  }

  /** Limits the elements between two indices. */
  void clipValues(float[] gradient, int from, int to) {
    if (!limitsValues()) {
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
}
