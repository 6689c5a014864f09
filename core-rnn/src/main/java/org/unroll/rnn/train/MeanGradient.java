// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * Turns a summed gradient into what the optimiser takes, and measures its norm:
 *
 * <pre>
 *   g  = sum / weight + l1 sign(w) + l2 w                        the penalties' gradient, sign(0) = 0
 *   g  = max(-c, min(c, g))                                      limit c of each element
 *   g *= min(1, n / (|g| + 1e-6))                                limit n of the norm
 * </pre>
 *
 * <p>The norm is limited as by Pascanu et al. 2013, "On the difficulty of training recurrent neural
 * networks", with PyTorch's factor. That factor is left to the optimiser. Without penalties and
 * limits of elements the sum is read once and not written: the division is left to the optimiser as
 * well. Otherwise the vector goes through the caches once: all of it is done to one block before
 * the next.
 */
final class MeanGradient {
  private final float l1;
  private final float l2;

  // The places where penalised weights begin and end in the flat vector.
  private final int[] starts;
  private final int[] ends;

  // The limits of the norm and of an element, each 0 for none.
  private final double maxNorm;
  private final float maxValue;

  /** The place where the first block begins that has parameters to be learned. */
  private final int firstBlock;

  private final Team team;
  private final Team.Task finish = this::finish;

  /** The sum of the squares of every slice. */
  private final double[] squares;

  // The gradient at work.
  private Gradient gradient;
  private float[] params;
  private float share;
  private boolean changes;

  /**
   * Makes the step of a specification, for parameters of a layout, done by the threads of a team.
   */
  MeanGradient(TrainSpec spec, ParamLayout layout, Team team) {
    l1 = (float) spec.penalty().l1();
    l2 = (float) spec.penalty().l2();
    List<Param> weights =
        layout.params().stream()
            .filter(p -> p.trainable() && spec.penalty().appliesTo(p.role()))
            .toList();
    starts = weights.stream().mapToInt(Param::offset).toArray();
    ends = weights.stream().mapToInt(Param::end).toArray();
    maxNorm = spec.clipNorm();
    maxValue = (float) spec.clipValue();
    firstBlock = UpdateStep.firstBlock(layout);
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
    changes = starts.length > 0 || maxValue > 0;
    if (changes) {
      gradient.addTo(firstBlock, gradient.size());
    }
    team.run(finish);
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
      int first = changes ? Math.max(firstBlock, Slices.start(s)) : end;
      for (int from = first; from < end; from += Gradient.BLOCK) {
        finish(g, from, Math.min(end, from + Gradient.BLOCK));
      }
      squares[s] = sumOfSquares(s);
    }
  }

  private void finish(float[] g, int from, int to) {
    for (int i = from; i < to; i++) {
      g[i] *= share;
    }
    for (int w = 0; w < starts.length; w++) {
      int end = Math.min(to, ends[w]);
      for (int i = Math.max(from, starts[w]); i < end; i++) {
        g[i] += l2 * params[i] + signTimesL1(params[i]);
      }
    }
    if (maxValue > 0) {
      for (int i = from; i < to; i++) {
        g[i] = Math.max(-maxValue, Math.min(maxValue, g[i]));
      }
    }
  }

  /** Returns {@code l1 sign(w)} without a branch, which weights of either sign would mispredict. */
  private float signTimesL1(float w) {
    return Math.max(-l1, Math.min(l1, w * Float.MAX_VALUE));
  }

  /** Adds up a slice in blocks that stand still, so that those of zeros may be left out. */
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

  /** Returns what the optimiser is to multiply the gradient with, given its norm. */
  float factor(double norm) {
    float clip = maxNorm == 0 ? 1 : (float) Math.min(1, maxNorm / (norm + 1e-6));
    return share * clip;
  }
}
