// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnStack.Capacity;

/**
 * A linear-chain conditional random field (Lafferty et al. 2001) gives labels y the probability
 * {@code exp(score(y)) / Z}. With the emissions e, the transitions A, and b and f for the first and
 * the last label:
 *
 * <pre>
 *   score(y) = b[y_0] + sum over t of (e_t[y_t] + A[y_t-1, y_t]) + f[y_T-1]
 *   loss = log Z - score(y)
 *
 *   before_t[k] = exp(e_t[k]) sum over i of before_t-1[i] exp(A[i, k])
 *   behind_t[i] = sum over k of exp(A[i, k] + e_t+1[k]) behind_t+1[k]
 *   before_0[k] = exp(b[k] + e_0[k])     behind_T-1[k] = exp(f[k])
 *   Z = sum over k of before_T-1[k] behind_T-1[k]
 *
 *   p_t[k] = before_t[k] behind_t[k] / Z     de_t[k] = p_t[k] - [y_t = k]
 *   dA[i, k] = sum over t of (before_t-1[i] exp(A[i, k] + e_t[k]) behind_t[k] / Z
 *                             - [y_t-1 = i and y_t = k])
 *   db[k] = p_0[k] - [y_0 = k]     df[k] = p_T-1[k] - [y_T-1 = k]
 * </pre>
 *
 * <p>The recursions are made in double and scaled at every step (Rabiner 1989). A sequence counts
 * only if all its labels are known; the weight of its loss are its steps.
 */
final class CrfLoss extends ItemLoss {
  private static final String TRANSITIONS = "crf.transitions";
  private static final String START = "crf.start_transitions";
  private static final String END = "crf.end_transitions";

  private final Param transitions;
  private final Param start;
  private final Param end;

  // The exponentials of the transitions [K, K] and of b and f [K], shifted.
  private final double[] factors;
  private final double[] startFactors;
  private final double[] endFactors;
  private double shift;
  private double startShift;
  private double endShift;

  /** The sums over what comes before a label {@code [N, K]}, scaled. */
  private final double[] before;

  /** The sums over what comes behind a label {@code [N, K]}, scaled. */
  private final double[] behind;

  /** The exponentials of the emissions {@code [N, K]}, then those with what comes behind. */
  private final double[] emissions;

  /** The scale of every step {@code [N]}. */
  private final double[] scales;

  /** The transitions that are expected in a batch {@code [K, K]}, without their factors. */
  private final double[] expected;

  private final Team.Task transitionGradient = this::transitionGradient;

  // The pass at work.
  private float[] params;
  private float[] gradient;

  CrfLoss(ParamLayout layout, int classes, Capacity most, Team team) {
    super(classes, most.rows(), team);
    transitions = layout.get(TRANSITIONS);
    start = layout.get(START);
    end = layout.get(END);
    factors = new double[classes * classes];
    expected = new double[factors.length];
    startFactors = new double[classes];
    endFactors = new double[classes];
    before = new double[Math.multiplyExact(most.positions(), classes)];
    behind = new double[before.length];
    emissions = new double[before.length];
    scales = new double[most.positions()];
  }

  /** Appends the parameters, with the names of the package pytorch-crf. */
  static void layOut(int classes, ParamLayout.Builder builder) {
    builder.add(TRANSITIONS, Param.Role.SHIFT, classes, classes);
    builder.add(START, Param.Role.SHIFT, classes);
    builder.add(END, Param.Role.SHIFT, classes);
  }

  @Override
  public void load(float[] params) {
    this.params = params;
    shift = exponentials(params, transitions, factors);
    startShift = exponentials(params, start, startFactors);
    endShift = exponentials(params, end, endFactors);
  }

  /** Makes the exponentials of a parameter minus its largest element, which is returned. */
  private static double exponentials(float[] params, Param param, double[] to) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = param.offset(); i < param.end(); i++) {
      max = Math.max(max, params[i]);
    }
    for (int i = 0; i < to.length; i++) {
      to[i] = StrictMath.exp(params[param.offset() + i] - max);
    }
    return max;
  }

  @Override
  public Loss train(float[] scores, Batch batch, Gradient into) {
    Loss loss = loss(scores, batch, true);
    into.addTo(transitions.offset(), transitions.end());
    into.addTo(start.offset(), start.end());
    into.addTo(end.offset(), end.end());
    gradient = into.values();
    team.run(transitionGradient);
    addGoldTransitions();
    return loss;
  }

  @Override
  double loss(int part, int row, boolean training) {
    double loss = forward(scores, batch.packing(), row) - goldScore(row);
    if (training) {
      backward(batch.packing(), row);
      emissionGradient(row);
    }
    return loss;
  }

  @Override
  double weight(int row) {
    return batch.packing().length(row);
  }

  @Override
  boolean canCount(int row) {
    Packing packing = batch.packing();
    for (int t = 0; t < packing.length(row); t++) {
      int label = batch.labels()[packing.at(t) + row];
      if (label >= classes) {
        throw new IllegalArgumentException("label " + label + " is outside the " + classes);
      }
      if (label < 0) {
        return false;
      }
    }
    return packing.length(row) > 0;
  }

  private double goldScore(int row) {
    Packing packing = batch.packing();
    int previous = batch.labels()[row];
    double score = params[start.offset() + previous] + scores[row * classes + previous];
    for (int t = 1; t < packing.length(row); t++) {
      int p = packing.at(t) + row;
      int label = batch.labels()[p];
      score += params[transitions.offset() + previous * classes + label];
      score += scores[p * classes + label];
      previous = label;
    }
    return score + params[end.offset() + previous];
  }

  /** Sets {@link #before}, {@link #emissions} and {@link #scales} of a row; returns log Z. */
  private double forward(float[] scores, Packing packing, int row) {
    double logZ = startShift + (packing.length(row) - 1) * shift + endShift;
    int previous = -1;
    for (int t = 0; t < packing.length(row); t++) {
      int at = (packing.at(t) + row) * classes;
      if (t == 0) {
        System.arraycopy(startFactors, 0, before, at, classes);
      } else {
        step(previous, at);
      }
      double max = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        max = Math.max(max, scores[at + k]);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        emissions[at + k] = StrictMath.exp(scores[at + k] - max);
        before[at + k] *= emissions[at + k];
        sum += before[at + k];
      }
      for (int k = 0; k < classes; k++) {
        before[at + k] /= sum;
      }
      scales[packing.at(t) + row] = sum;
      logZ += max + StrictMath.log(sum);
      previous = at;
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += before[previous + k] * endFactors[k];
    }
    for (int k = 0; k < classes; k++) {
      behind[previous + k] = endFactors[k] / sum;
    }
    return logZ + StrictMath.log(sum);
  }

  /** Makes what comes before the labels of a step of what came before those of the last one. */
  private void step(int previous, int at) {
    Arrays.fill(before, at, at + classes, 0);
    for (int i = 0; i < classes; i++) {
      for (int k = 0; k < classes; k++) {
        before[at + k] += before[previous + i] * factors[i * classes + k];
      }
    }
  }

  /**
   * Sets {@link #behind} of a row from its last step on, and makes its emissions the weighted ones.
   */
  private void backward(Packing packing, int row) {
    for (int t = packing.length(row) - 1; t >= 0; t--) {
      int p = packing.at(t) + row;
      int at = p * classes;
      for (int k = 0; k < classes; k++) {
        emissions[at + k] *= behind[at + k] / scales[p];
      }
      for (int i = 0; t > 0 && i < classes; i++) {
        double sum = 0;
        for (int j = 0; j < classes; j++) {
          sum += factors[i * classes + j] * emissions[at + j];
        }
        behind[(packing.at(t - 1) + row) * classes + i] = sum;
      }
    }
  }

  private void emissionGradient(int row) {
    Packing packing = batch.packing();
    for (int t = 0; t < packing.length(row); t++) {
      int p = packing.at(t) + row;
      for (int k = 0; k < classes; k++) {
        int at = p * classes + k;
        scores[at] = (float) (before[at] * behind[at] - (batch.labels()[p] == k ? 1 : 0));
      }
    }
  }

  /** Adds the expected numbers of transitions, each thread those from some labels. */
  private void transitionGradient(int part, int parts) {
    Packing packing = batch.packing();
    int last = Team.start(classes, part + 1, parts);
    int first = Team.start(classes, part, parts);
    Arrays.fill(expected, first * classes, last * classes, 0);
    for (int t = 1; t < packing.steps(); t++) {
      for (int row = 0; row < packing.rowsAt(t); row++) {
        int from = (packing.at(t - 1) + row) * classes;
        int to = (packing.at(t) + row) * classes;
        for (int i = counts[row] ? first : last; i < last; i++) {
          for (int j = 0; j < classes; j++) {
            expected[i * classes + j] += before[from + i] * emissions[to + j];
          }
        }
      }
    }
    for (int i = first * classes; i < last * classes; i++) {
      gradient[transitions.offset() + i] += (float) (expected[i] * factors[i]);
    }
  }

  /** Adds what first and last labels are expected, and takes away the known ones. */
  private void addGoldTransitions() {
    Packing packing = batch.packing();
    for (int row = 0; row < batch.rows(); row++) {
      if (!counts[row]) {
        continue;
      }
      int last = packing.lastOf(row) * classes;
      for (int k = 0; k < classes; k++) {
        int first = row * classes + k;
        gradient[start.offset() + k] += (float) (before[first] * behind[first]);
        gradient[end.offset() + k] += (float) (before[last + k] * behind[last + k]);
      }
      int previous = batch.labels()[row];
      gradient[start.offset() + previous] -= 1;
      for (int t = 1; t < packing.length(row); t++) {
        int label = batch.labels()[packing.at(t) + row];
        gradient[transitions.offset() + previous * classes + label] -= 1;
        previous = label;
      }
      gradient[end.offset() + previous] -= 1;
    }
  }

  /** Returns the best labels (Viterbi 1967) and the probability of each label by itself. */
  @Override
  public Prediction predict(float[] scores, Batch batch, int row, int beam) {
    Packing packing = batch.packing();
    int length = packing.length(row);
    float[] probabilities = new float[length * classes];
    if (length > 0) {
      forward(scores, packing, row);
      backward(packing, row);
    }
    for (int t = 0; t < length; t++) {
      for (int k = 0; k < classes; k++) {
        int at = (packing.at(t) + row) * classes + k;
        probabilities[t * classes + k] = (float) (before[at] * behind[at]);
      }
    }
    return Prediction.ofLabels(viterbi(scores, packing, row), probabilities);
  }

  private int[] viterbi(float[] scores, Packing packing, int row) {
    int length = packing.length(row);
    int[] path = new int[length];
    if (length == 0) {
      return path;
    }
    int[] from = new int[length * classes];
    double[] best = new double[classes];
    double[] next = new double[classes];
    for (int k = 0; k < classes; k++) {
      best[k] = (double) params[start.offset() + k] + scores[row * classes + k];
    }
    for (int t = 1; t < length; t++) {
      int at = (packing.at(t) + row) * classes;
      for (int k = 0; k < classes; k++) {
        int previous = bestPrevious(best, k);
        from[t * classes + k] = previous;
        next[k] = best[previous] + transition(previous, k) + scores[at + k];
      }
      double[] swap = best;
      best = next;
      next = swap;
    }
    for (int k = 1; k < classes; k++) {
      int soFar = path[length - 1];
      if (best[k] + params[end.offset() + k] > best[soFar] + params[end.offset() + soFar]) {
        path[length - 1] = k;
      }
    }
    for (int t = length - 1; t > 0; t--) {
      path[t - 1] = from[t * classes + path[t]];
    }
    return path;
  }

  private int bestPrevious(double[] best, int label) {
    int previous = 0;
    for (int i = 1; i < classes; i++) {
      if (best[i] + transition(i, label) > best[previous] + transition(previous, label)) {
        previous = i;
      }
    }
    return previous;
  }

  private double transition(int from, int to) {
    return params[transitions.offset() + from * classes + to];
  }
}
