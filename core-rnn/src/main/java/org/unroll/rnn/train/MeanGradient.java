// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Turns a summed gradient into what the optimiser takes: the mean, plus the penalties, clipped by
 * value; and measures its norm. Without penalties and limits of values the sum is read once and not
 * written: the division is left to the optimiser's factor. Otherwise the vector goes through the
 * caches once: all of it is done to one block before the next.
 */
final class MeanGradient {
  private final Penalty penalty;
  private final GradientClip clip;
  private float share;

  MeanGradient(TrainSpec spec, ParamLayout layout) {
    penalty = new Penalty(spec.penalty(), layout);
    clip = new GradientClip(spec.clipNorm(), spec.clipValue());
  }

  /**
   * Works on the gradient in place.
   *
   * @param weight what the sum is divided by
   * @param params where the penalties are taken
   * @return the Euclidean norm of the mean
   */
  double take(Gradient gradient, double weight, float[] params) {
    share = (float) (1 / weight);
    if (penalty.isOn() || clip.limitsValues()) {
      float[] g = gradient.dense();
      for (int from = 0; from < g.length; from += Gradient.BLOCK) {
        int to = Math.min(g.length, from + Gradient.BLOCK);
        for (int i = from; i < to; i++) {
          g[i] *= share;
        }
        penalty.addTo(g, params, from, to);
        clip.clipValues(g, from, to);
      }
      share = 1;
    }
    return share * Math.sqrt(sumOfSquares(gradient));
  }

  /** In blocks that stand still, so that those of zeros may be left out. */
  private static double sumOfSquares(Gradient gradient) {
    double sum = 0;
    for (int from = gradient.nextWritten(0); from < gradient.size(); ) {
      int end = gradient.endOfWritten(from);
      for (int b = from; b < end; b += Gradient.BLOCK) {
        sum += Ops.sumOfSquares(gradient.values(), b, Math.min(Gradient.BLOCK, end - b));
      }
      from = gradient.nextWritten(end);
    }
    return sum;
  }

  /** What the optimiser is to multiply the gradient with, given its norm. */
  float factor(double norm) {
    return share * clip.factor(norm);
  }
}
