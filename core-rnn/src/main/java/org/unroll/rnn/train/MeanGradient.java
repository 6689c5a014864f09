// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.ParamLayout;

/**
 * Turns a summed gradient into what the optimiser takes: the mean, plus the penalties, clipped by
 * value; and measures its norm. The vector goes through the caches once: all of it is done to one
 * block before the next.
 */
final class MeanGradient {
  private static final int BLOCK = 4096;

  private final Penalty penalty;
  private final GradientClip clip;

  MeanGradient(TrainSpec spec, ParamLayout layout) {
    penalty = new Penalty(spec.penalty(), layout);
    clip = new GradientClip(spec.clipNorm(), spec.clipValue());
  }

  /**
   * Works on the gradient in place.
   *
   * @param weight what the sum is divided by
   * @param params where the penalties are taken
   * @return the Euclidean norm of the result
   */
  double take(float[] gradient, double weight, float[] params) {
    float share = (float) (1 / weight);
    double squares = 0;
    for (int from = 0; from < gradient.length; from += BLOCK) {
      int to = Math.min(gradient.length, from + BLOCK);
      for (int i = from; i < to; i++) {
        gradient[i] *= share;
      }
      penalty.addTo(gradient, params, from, to);
      clip.clipValues(gradient, from, to);
      squares += GradientClip.sumOfSquares(gradient, from, to);
    }
    return Math.sqrt(squares);
  }

  /** What the optimiser is to multiply a gradient of this norm with. */
  float clipFactor(double norm) {
    return clip.factor(norm);
  }
}
