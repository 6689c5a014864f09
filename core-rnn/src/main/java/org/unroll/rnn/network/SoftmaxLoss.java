// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.math.Team;

/**
 * Cross-entropy over a few classes is that of {@code torch.nn.CrossEntropyLoss} with label
 * smoothing and class weights. With the scores a, the class weights w, the smoothing e and the
 * target y:
 *
 * <pre>
 *   p = softmax(a)     q_c = (1 - e) w_y [c = y] + e w_c / C     loss = -sum over c of q_c log p_c
 *   da_c = p_c sum over k of q_k - q_c     weight of the loss = w_y
 * </pre>
 */
final class SoftmaxLoss extends ItemLoss {
  private final boolean ofSteps;
  private final double smoothing;
  private final double[] weights;
  private final double weightSum;

  SoftmaxLoss(HeadSpec.Softmax spec, int items, Team team) {
    super(spec.classes(), items, team);
    ofSteps = spec.target() == Target.STEP;
    smoothing = spec.smoothing();
    weights = new double[classes];
    Arrays.setAll(weights, c -> spec.weights() == null ? 1 : spec.weights().get(c));
    weightSum = Arrays.stream(weights).sum();
  }

  @Override
  int items(Batch batch) {
    return ofSteps ? batch.packing().positions() : batch.rows();
  }

  @Override
  boolean canCount(int item) {
    return batch.labels()[item] >= 0;
  }

  @Override
  double weight(int item) {
    return weights[batch.labels()[item]];
  }

  @Override
  void clearGradient(int item) {
    Arrays.fill(scores, item * classes, (item + 1) * classes, 0f);
  }

  @Override
  double loss(int part, int item, boolean training) {
    int label = batch.labels()[item];
    if (label >= classes) {
      throw new IllegalArgumentException(
          "label " + label + " is outside the " + classes + " classes");
    }
    int at = item * classes;
    double logSum = logSumExp(scores, at, classes);
    double own = (1 - smoothing) * weights[label];
    double loss = own * (logSum - scores[at + label]);
    for (int c = 0; smoothing > 0 && c < classes; c++) {
      loss += smoothing / classes * weights[c] * (logSum - scores[at + c]);
    }
    if (!training) {
      return loss;
    }
    double all = own + smoothing / classes * weightSum;
    for (int c = 0; c < classes; c++) {
      double p = StrictMath.exp(scores[at + c] - logSum);
      double target = (c == label ? own : 0) + smoothing / classes * weights[c];
      scores[at + c] = (float) (all * p - target);
    }
    return loss;
  }

  /** Returns {@code log(sum over j of exp(x_j))}. */
  static double logSumExp(float[] x, int at, int n) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      max = Math.max(max, x[at + j]);
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += StrictMath.exp(x[at + j] - max);
    }
    return max + StrictMath.log(sum);
  }

  @Override
  public Prediction predict(float[] scores, Batch batch, int row, int beam) {
    int count = ofSteps ? batch.packing().length(row) : 1;
    int[] best = new int[count];
    float[] probabilities = new float[count * classes];
    for (int t = 0; t < count; t++) {
      int at = (ofSteps ? batch.packing().at(t) + row : row) * classes;
      double logSum = logSumExp(scores, at, classes);
      for (int c = 0; c < classes; c++) {
        probabilities[t * classes + c] = (float) StrictMath.exp(scores[at + c] - logSum);
      }
      best[t] = argMax(scores, at, classes);
    }
    return Prediction.ofLabels(best, probabilities);
  }

  /** Returns the index of the largest of n numbers, of equal ones the first. */
  static int argMax(float[] x, int at, int n) {
    int best = 0;
    for (int j = 1; j < n; j++) {
      if (x[at + j] > x[at + best]) {
        best = j;
      }
    }
    return best;
  }
}
