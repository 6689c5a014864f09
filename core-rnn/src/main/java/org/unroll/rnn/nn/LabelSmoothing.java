// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;

/**
 * Label smoothing spreads a share e of every target over all V tokens (Szegedy et al. 2016); this
 * is what it adds to the loss and to the gradients of a {@link SoftmaxHead}.
 *
 * <pre>
 *   loss = -(1 - e) log p(target) - e/V sum over v of log p(v)
 *        = -log p(target) + e (a(target) - mean(a))     mean(a) = mean(W) h + mean(b)
 *   da = p - (1 - e) onehot(target) - e/V
 *   dh = W^T p - (1 - e) W(target) - e mean(W)
 *   dW(v) = ... - e/V sum of h     db(v) = ... - e/V positions
 * </pre>
 *
 * <p>So all that the spread share needs are the means of W and b over the vocabulary, made once for
 * given parameters, and the sum of the inputs: logits are not looked at again.
 */
final class LabelSmoothing {
  /** The rows of W that are added up in float. */
  private static final int BLOCK = 256;

  private final double share;
  private final Param weight;
  private final Param bias;
  private final int vocabulary;
  private final int hidden;
  private final Team team;
  private final Team.Task weightSums = this::weightSums;
  private final Team.Task weightGradient = this::weightGradient;

  /** The sums of the rows of W by block. */
  private final float[][] blockSums;

  private final double[] meanWeight;
  private double meanBias;

  /** What is taken off every {@code dh}; zeros without smoothing. */
  private final float[] spread;

  /** The sum of the inputs of positions that count, and how many do. */
  private final double[] inputSum;

  private int counted;

  /** What is added to every row of {@code dW}. */
  private final float[] step;

  private float[] params;
  private boolean known;
  private float[] gradient;

  /**
   * Prepares for a matrix and a bias.
   *
   * @param share e, 0 for no smoothing
   * @param bias or null for none
   */
  LabelSmoothing(double share, Param weight, Param bias, Team team) {
    this.share = share;
    this.weight = weight;
    this.bias = bias;
    this.team = team;
    vocabulary = weight.shape().get(0);
    hidden = weight.shape().get(1);
    boolean smooths = share > 0;
    blockSums = new float[smooths ? (vocabulary + BLOCK - 1) / BLOCK : 0][hidden];
    meanWeight = new double[smooths ? hidden : 0];
    inputSum = new double[meanWeight.length];
    step = new float[meanWeight.length];
    spread = new float[hidden];
  }

  /** Returns the part of a target that is not spread. */
  double kept() {
    return 1 - share;
  }

  /** Returns what is to be taken off the gradient {@code [H]} of every input that counts. */
  float[] spread() {
    return spread;
  }

  long bytes() {
    return 4L * ((blockSums.length + 1L) * hidden + step.length) + 16L * meanWeight.length;
  }

  /** Takes the parameters as they are now. */
  void load(float[] params) {
    this.params = params;
    known = false;
  }

  /** Begins a pass. */
  void begin() {
    if (share == 0) {
      return;
    }
    Arrays.fill(inputSum, 0);
    counted = 0;
    if (!known) {
      team.run(weightSums);
      makeMeans();
      known = true;
    }
  }

  private void weightSums(int part, int parts) {
    int end = Team.start(blockSums.length, part + 1, parts);
    for (int b = Team.start(blockSums.length, part, parts); b < end; b++) {
      Arrays.fill(blockSums[b], 0f);
      int rows = Math.min(BLOCK, vocabulary - b * BLOCK);
      int at = weight.offset() + b * BLOCK * hidden;
      Ops.addColumnSums(params, at, hidden, rows, hidden, blockSums[b], 0);
    }
  }

  private void makeMeans() {
    for (int j = 0; j < hidden; j++) {
      double sum = 0;
      for (float[] sums : blockSums) {
        sum += sums[j];
      }
      meanWeight[j] = sum / vocabulary;
      spread[j] = (float) (share * meanWeight[j]);
    }
    meanBias = 0;
    for (int v = 0; bias != null && v < vocabulary; v++) {
      meanBias += params[bias.offset() + v];
    }
    meanBias /= vocabulary;
  }

  /**
   * Returns what comes to the loss of some positions.
   *
   * @param h inputs {@code [n, H]}
   * @param own the logits of the targets, of which those from {@code first} on are meant
   */
  double loss(float[] h, int ho, int n, int[] targets, int first, float[] own) {
    double loss = 0;
    for (int i = 0; share > 0 && i < n; i++) {
      if (targets[first + i] >= 0) {
        double mean = meanBias;
        for (int j = 0; j < hidden; j++) {
          float x = h[ho + i * hidden + j];
          mean += meanWeight[j] * x;
          inputSum[j] += x;
        }
        loss += share * (own[i] - mean);
        counted++;
      }
    }
    return loss;
  }

  /** Adds to the gradients of weight and bias, once for all positions of a pass. */
  void addTo(Gradient into) {
    if (share == 0 || counted == 0) {
      return;
    }
    into.addTo(weight.offset(), weight.end());
    gradient = into.values();
    for (int j = 0; j < hidden; j++) {
      step[j] = (float) (-share / vocabulary * inputSum[j]);
    }
    team.run(weightGradient);
    if (bias != null) {
      into.addTo(bias.offset(), bias.end());
      float own = (float) (-share / vocabulary * counted);
      for (int v = 0; v < vocabulary; v++) {
        gradient[bias.offset() + v] += own;
      }
    }
  }

  private void weightGradient(int part, int parts) {
    int end = Team.start(vocabulary, part + 1, parts);
    for (int v = Team.start(vocabulary, part, parts); v < end; v++) {
      Ops.add(step, 0, gradient, weight.offset() + v * hidden, hidden);
    }
  }
}
