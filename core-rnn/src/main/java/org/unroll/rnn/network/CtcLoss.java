// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/**
 * Connectionist temporal classification (Graves et al. 2006), {@code torch.nn.CTCLoss} with blank
 * 0, is {@code -log} of the probability that the labels come out when every step says a label or
 * the blank, repetitions are joined and blanks left out. It is computed in logarithms, in double,
 * over states s: the labels l with blanks around them. With the probabilities p of a step's scores
 * a:
 *
 * <pre>
 *   before_t[s] = p_t[l_s] (before_t-1[s] + before_t-1[s-1] [+ before_t-1[s-2]])
 *   behind_t[s] = sum over r = s, s+1 [, s+2] of p_t+1[l_r] behind_t+1[r]
 *   P = before_T-1[last] + before_T-1[last - 1]     loss = -log P
 *   da_t[c] = p_t[c] - sum over s with l_s = c of before_t[s] behind_t[s] / P
 * </pre>
 *
 * <p>What stands in brackets is there where the label may follow without a blank.
 *
 * <p>A sequence too short for its labels, which need a step each and one more between equal ones,
 * does not count, nor does one with a label that the model does not know. The weight of a loss are
 * the labels, at least 1.
 */
final class CtcLoss extends ItemLoss {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  /** Every thread has a lattice. */
  private final Lattice[] lattices;

  /** A lattice holds the logarithms of what comes before and behind the states of a sequence. */
  private static final class Lattice {
    /** The logarithms of what comes before the states {@code [T, S]}. */
    double[] before = new double[0];

    /** The logarithms of what comes behind those of the step at work {@code [S]}, and the next. */
    double[] behind = new double[0];

    double[] next = new double[0];

    /** The {@code log(sum of exp(scores))} of every step {@code [T]}. */
    double[] logSums = new double[0];

    /** The share that every class has of a step {@code [C]}. */
    final double[] shares;

    Lattice(int classes) {
      shares = new double[classes];
    }

    void reserve(int steps, int states) {
      if (before.length < Math.multiplyExact(steps, states)) {
        before = new double[steps * states];
      }
      if (behind.length < states) {
        behind = new double[states];
        next = new double[states];
      }
      if (logSums.length < steps) {
        logSums = new double[steps];
      }
    }
  }

  CtcLoss(int classes, int rows, Team team) {
    super(classes, rows, team);
    lattices = new Lattice[team.size()];
    Arrays.setAll(lattices, i -> new Lattice(classes));
  }

  @Override
  boolean canCount(int row) {
    return batch.hasTarget(row) && fits(row);
  }

  @Override
  double weight(int row) {
    return Math.max(1, count(row));
  }

  private int count(int row) {
    return batch.labelStart(row + 1) - batch.labelStart(row);
  }

  private boolean fits(int row) {
    int[] labels = batch.labels();
    int start = batch.labelStart(row);
    int end = batch.labelStart(row + 1);
    for (int i = start; i < end; i++) {
      if (Example.isUnseen(labels[i])) {
        return false;
      }
      if (labels[i] < 1 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "label " + labels[i] + " is outside the labels 1 to " + (classes - 1));
      }
    }
    return batch.packing().length(row) >= stepsFor(labels, start, end);
  }

  /** Returns the fewest steps that can say the labels [start, end), at least 1. */
  static int stepsFor(int[] labels, int start, int end) {
    int steps = end - start;
    for (int i = start + 1; i < end; i++) {
      steps += labels[i] == labels[i - 1] ? 1 : 0;
    }
    return Math.max(1, steps);
  }

  /** Returns the class of state s of a row: labels with blanks around them. */
  private int classOf(int row, int state) {
    return state % 2 == 0 ? 0 : batch.labels()[batch.labelStart(row) + state / 2];
  }

  /** Returns whether a state may be reached from the one two before it. */
  private boolean skips(int row, int state) {
    return state % 2 == 1 && state > 1 && classOf(row, state) != classOf(row, state - 2);
  }

  @Override
  double loss(int part, int row, boolean training) {
    Lattice lattice = lattices[part];
    Packing packing = batch.packing();
    int steps = packing.length(row);
    int states = 2 * count(row) + 1;
    lattice.reserve(steps, states);
    double[] before = lattice.before;
    for (int t = 0; t < steps; t++) {
      int at = (packing.at(t) + row) * classes;
      lattice.logSums[t] = SoftmaxLoss.logSumExp(scores, at, classes);
      for (int s = 0; s < states; s++) {
        double reached = t == 0 ? (s < 2 ? 0 : NEVER) : reached(before, t, s, states, row);
        before[t * states + s] = reached + scores[at + classOf(row, s)] - lattice.logSums[t];
      }
    }
    int end = steps * states - 1;
    double total = logAdd(before[end], states > 1 ? before[end - 1] : NEVER);
    if (training) {
      backward(lattice, row, steps, states, total);
    }
    return -total;
  }

  private double reached(double[] before, int t, int s, int states, int row) {
    int at = (t - 1) * states + s;
    double sum = before[at];
    if (s > 0) {
      sum = logAdd(sum, before[at - 1]);
    }
    return skips(row, s) ? logAdd(sum, before[at - 2]) : sum;
  }

  private void backward(Lattice lattice, int row, int steps, int states, double total) {
    Packing packing = batch.packing();
    for (int t = steps - 1; t >= 0; t--) {
      int at = (packing.at(t) + row) * classes;
      for (int s = 0; s < states; s++) {
        lattice.behind[s] =
            t == steps - 1 ? (s >= states - 2 ? 0 : NEVER) : left(lattice.next, s, states, row);
      }
      Arrays.fill(lattice.shares, 0);
      for (int s = 0; s < states; s++) {
        double share = lattice.before[t * states + s] + lattice.behind[s] - total;
        int label = classOf(row, s);
        lattice.shares[label] += StrictMath.exp(share);
        // With what this step says, for the step before it.
        lattice.behind[s] += scores[at + label] - lattice.logSums[t];
      }
      for (int c = 0; c < classes; c++) {
        double p = StrictMath.exp(scores[at + c] - lattice.logSums[t]);
        scores[at + c] = (float) (p - lattice.shares[c]);
      }
      double[] swap = lattice.next;
      lattice.next = lattice.behind;
      lattice.behind = swap;
    }
  }

  private double left(double[] next, int s, int states, int row) {
    double sum = next[s];
    if (s + 1 < states) {
      sum = logAdd(sum, next[s + 1]);
    }
    return s + 2 < states && skips(row, s + 2) ? logAdd(sum, next[s + 2]) : sum;
  }

  /** Returns {@code log(exp(a) + exp(b))}. */
  static double logAdd(double a, double b) {
    double max = Math.max(a, b);
    if (max == NEVER) {
      return NEVER;
    }
    return max + StrictMath.log1p(StrictMath.exp(Math.min(a, b) - max));
  }

  @Override
  public Prediction predict(float[] scores, Batch batch, int row, int beam) {
    return Prediction.ofLabels(
        beam > 1
            ? new PrefixBeam(classes, beam).decode(scores, batch.packing(), row)
            : greedy(scores, batch.packing(), row));
  }

  /** Returns the best class of every step, repetitions joined, blanks left out. */
  private int[] greedy(float[] scores, Packing packing, int row) {
    int[] said = new int[packing.length(row)];
    int count = 0;
    int previous = 0;
    for (int t = 0; t < said.length; t++) {
      int label = SoftmaxLoss.argMax(scores, (packing.at(t) + row) * classes, classes);
      if (label != 0 && label != previous) {
        said[count++] = label;
      }
      previous = label;
    }
    return Arrays.copyOf(said, count);
  }
}
