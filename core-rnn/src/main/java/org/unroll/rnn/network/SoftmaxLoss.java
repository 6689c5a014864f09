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
final class SoftmaxLoss implements Criterion {
  private final int classes;
  private final boolean ofSteps;
  private final double smoothing;
  private final double[] weights;
  private final double weightSum;

  /** The loss of every item, so that their sum does not depend on the threads. */
  private final double[] losses;

  private final Team team;
  private final Team.Task items = this::items;

  // The pass at work.
  private float[] scores;
  private int[] labels;
  private int n;
  private boolean training;

  SoftmaxLoss(HeadSpec.Softmax spec, int items, Team team) {
    classes = spec.classes();
    ofSteps = spec.target() == Target.STEP;
    smoothing = spec.smoothing();
    weights = new double[classes];
    Arrays.setAll(weights, c -> spec.weights() == null ? 1 : spec.weights().get(c));
    weightSum = Arrays.stream(weights).sum();
    losses = new double[items];
    this.team = team;
  }

  @Override
  public Loss loss(float[] scores, Batch batch, boolean training) {
    this.scores = scores;
    this.training = training;
    labels = batch.labels();
    n = ofSteps ? batch.packing().positions() : batch.rows();
    team.run(items);
    double loss = 0;
    double weight = 0;
    for (int i = 0; i < n; i++) {
      if (labels[i] >= 0) {
        loss += losses[i];
        weight += weights[labels[i]];
      }
    }
    return new Loss(loss, weight);
  }

  private void items(int part, int parts) {
    int end = Team.start(n, part + 1, parts);
    for (int i = Team.start(n, part, parts); i < end; i++) {
      if (labels[i] < 0) {
        if (training) {
          Arrays.fill(scores, i * classes, (i + 1) * classes, 0f);
        }
      } else {
        item(i, labels[i]);
      }
    }
  }

  private void item(int i, int label) {
    if (label >= classes) {
      throw new IllegalArgumentException(
          "label " + label + " is outside the " + classes + " classes");
    }
    int at = i * classes;
    double logSum = logSumExp(scores, at, classes);
    double own = (1 - smoothing) * weights[label];
    double loss = own * (logSum - scores[at + label]);
    for (int c = 0; smoothing > 0 && c < classes; c++) {
      loss += smoothing / classes * weights[c] * (logSum - scores[at + c]);
    }
    losses[i] = loss;
    if (!training) {
      return;
    }
    double all = own + smoothing / classes * weightSum;
    for (int c = 0; c < classes; c++) {
      double p = StrictMath.exp(scores[at + c] - logSum);
      double target = (c == label ? own : 0) + smoothing / classes * weights[c];
      scores[at + c] = (float) (all * p - target);
    }
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
