// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedMatrix;

/**
 * Linear layer, softmax and cross-entropy in one: {@code logits = W h + b}, {@code loss = -log
 * p(target)}, {@code dlogits = p - onehot(target)}. Works through the positions in pieces, so that
 * {@code [T B, V]} is never held whole when V is large. One thread's buffers; not for use by two at
 * a time.
 */
public final class SoftmaxHead {
  /** Logits held at a time: 16 MiB. */
  private static final int MAX_LOGITS = 1 << 22;

  private final Param weight;
  private final Param bias;
  private final int vocabulary;
  private final int hidden;
  private final int pieceRows;
  private final float[] logits;
  private final PackedMatrix forward = new PackedMatrix();
  private final PackedMatrix backward = new PackedMatrix();
  private final PackedMatrix inputs = new PackedMatrix();
  private float[] params;

  /**
   * @param weight {@code [V, H]}
   * @param bias {@code [V]}, or null for none
   * @param maxPositions the most positions (T B) of a pass
   */
  public SoftmaxHead(Param weight, Param bias, int maxPositions) {
    this.weight = weight;
    this.bias = bias;
    vocabulary = weight.shape().get(0);
    hidden = weight.shape().get(1);
    pieceRows = Math.max(1, Math.min(maxPositions, MAX_LOGITS / vocabulary));
    logits = new float[Math.multiplyExact(pieceRows, vocabulary)];
  }

  /** Packs the weights that forward passes need; to be called whenever the parameters changed. */
  public void loadForward(float[] params) {
    this.params = params;
    forward.packTransposed(params, weight.offset(), hidden, vocabulary, hidden);
  }

  /** Packs the weights that backward passes need. */
  public void loadBackward(float[] params) {
    backward.pack(params, weight.offset(), hidden, vocabulary, hidden);
  }

  /** Bytes of the logits. */
  public long bytes() {
    return 4L * logits.length;
  }

  /** The logits {@code [n, V]} of inputs {@code h [n, H]}. */
  public void logits(float[] h, int ho, int n, float[] out) {
    if (bias == null) {
      Ops.gemm(n, h, ho, hidden, forward, out, 0, vocabulary, false);
    } else {
      Ops.gemmWithBias(n, h, ho, hidden, forward, params, bias.offset(), out, 0, vocabulary);
    }
  }

  /** The summed loss of n positions; those with a negative target do not count. */
  public double evaluate(float[] h, int ho, int[] targets, int n) {
    double loss = 0;
    for (int from = 0; from < n; from += pieceRows) {
      int rows = Math.min(pieceRows, n - from);
      logits(h, ho + from * hidden, rows, logits);
      for (int i = 0; i < rows; i++) {
        int target = targets[from + i];
        if (target >= 0) {
          float logit = logits[i * vocabulary + target];
          loss += Ops.logSumExp(logits, i * vocabulary, vocabulary) - logit;
        }
      }
    }
    return loss;
  }

  /**
   * Loss and gradients of n positions.
   *
   * @param dh set to the gradient of h {@code [n, H]}
   * @param gradient what the gradients of weight and bias are added to
   * @return the summed loss
   */
  public double train(float[] h, int ho, int[] targets, int n, float[] dh, float[] gradient) {
    double loss = 0;
    for (int from = 0; from < n; from += pieceRows) {
      int rows = Math.min(pieceRows, n - from);
      int piece = ho + from * hidden;
      logits(h, piece, rows, logits);
      loss += lossAndGradient(targets, from, rows);
      Ops.gemm(rows, logits, 0, vocabulary, backward, dh, from * hidden, hidden, false);
      inputs.pack(h, piece, hidden, rows, hidden);
      Ops.gemmTransposed(
          vocabulary, logits, 0, vocabulary, inputs, gradient, weight.offset(), hidden, true);
      if (bias != null) {
        Ops.addColumnSums(logits, 0, vocabulary, rows, vocabulary, gradient, bias.offset());
      }
    }
    return loss;
  }

  /** Replaces logits by their gradients; returns the loss. */
  private double lossAndGradient(int[] targets, int from, int rows) {
    double loss = 0;
    for (int i = 0; i < rows; i++) {
      int at = i * vocabulary;
      int target = targets[from + i];
      if (target < 0) {
        Arrays.fill(logits, at, at + vocabulary, 0f);
        continue;
      }
      float logit = logits[at + target];
      loss += Ops.softmax(logits, at, vocabulary) - logit;
      logits[at + target] -= 1;
    }
    return loss;
  }
}
