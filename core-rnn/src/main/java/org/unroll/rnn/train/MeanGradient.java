// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
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

  /** Where the first block begins that has parameters to be learned. */
  private final int start;

  private final Team team;
  private final Team.Task finish = this::finish;
  private final Team.Task measure = this::measure;

  /** Of every slice. */
  private final double[] squares;

  /** The gradient at work. */
  private Gradient gradient;

  private float[] params;
  private float share;

  MeanGradient(TrainSpec spec, ParamLayout layout, Team team) {
    penalty = new Penalty(spec.penalty(), layout, param -> UpdateStep.learns(spec, param));
    start = UpdateStep.firstBlock(spec, layout);
    clip = new GradientClip(spec.clipNorm(), spec.clipValue());
    squares = new double[Slices.count(layout.size())];
    this.team = team;
  }

  /**
   * Works on the gradient in place.
   *
   * @param weight what the sum is divided by
   * @param params where the penalties are taken
   * @return the Euclidean norm of the mean
   */
  double take(Gradient gradient, double weight, float[] params) {
    this.gradient = gradient;
    this.params = params;
    share = (float) (1 / weight);
    boolean changes = penalty.isOn() || clip.limitsValues();
    if (changes) {
      gradient.addTo(start, gradient.size());
    }
    team.run(changes ? finish : measure);
    if (changes) {
      share = 1;
    }
    double sum = 0;
    for (double part : squares) {
      sum += part;
    }
    return share * Math.sqrt(sum);
  }

  private void finish(int part, int parts) {
    float[] g = gradient.values();
    for (int s = part; s < squares.length; s += parts) {
      int end = Slices.end(s, g.length);
      for (int from = Math.max(start, Slices.start(s)); from < end; from += Gradient.BLOCK) {
        finish(g, from, Math.min(end, from + Gradient.BLOCK));
      }
      squares[s] = sumOfSquares(s);
    }
  }

  private void finish(float[] g, int from, int to) {
    for (int i = from; i < to; i++) {
      g[i] *= share;
    }
    penalty.addTo(g, params, from, to);
    clip.clipValues(g, from, to);
  }

  private void measure(int part, int parts) {
    for (int s = part; s < squares.length; s += parts) {
      squares[s] = sumOfSquares(s);
    }
  }

  /** Of a slice, in blocks that stand still, so that those of zeros may be left out. */
  private double sumOfSquares(int slice) {
    double sum = 0;
    int sliceEnd = Slices.end(slice, gradient.size());
    for (int from = gradient.nextWritten(Slices.start(slice)); from < sliceEnd; ) {
      int end = Math.min(sliceEnd, gradient.endOfWritten(from));
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
