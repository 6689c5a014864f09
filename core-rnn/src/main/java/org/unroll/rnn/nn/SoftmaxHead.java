// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;

/**
 * Linear layer, softmax and cross-entropy in one: {@code logits = W h + b}, {@code loss = -log
 * p(target)}, {@code dlogits = p - onehot(target)}. One thread's buffers; not for use by two at a
 * time.
 *
 * <p>A large vocabulary decides how it is done. The logits stand transposed, {@code [V, n]}: so W
 * {@code [V, H]} is a left factor that is read where it lies, and is never copied whole. They are
 * written twice, as logits and as their exponentials {@code e}, and no probability ever is: with s
 * the sum of a position's exponentials,
 *
 * <pre>
 *   dW = e (h / s) - h at the targets' rows      dh = (e^T W) / s - W at the targets' rows
 * </pre>
 *
 * The n positions of a window are worked through in pieces, so that {@code [V, n]} is never held
 * whole when V is large, and the vocabulary in blocks that stay in the cache from one pass over
 * them to the next.
 */
public final class SoftmaxHead {
  /** Logits held at a time: 16 MiB. */
  private static final int MAX_LOGITS = 1 << 22;

  /** Positions at a time: enough to keep the products busy. */
  private static final int MAX_POSITIONS = 1024;

  /** Rows of W per block. */
  private static final int BLOCK = 256;

  private final Param weight;
  private final Param bias;
  private final int vocabulary;
  private final int hidden;
  private final int maxPositions;

  /** Logits, then their exponentials {@code [V, n]}. */
  private final float[] logits;

  /** Of every position: the largest logit, */
  private final float[] max;

  /** the sum of the exponentials over a block of the vocabulary, */
  private final float[] blockSum;

  /** and over all of it, */
  private final double[] sum;

  /** and one divided by that, 0 where the target is masked. */
  private final float[] inverse;

  /** What stands in for a bias that is not there. */
  private final float[] zeros;

  /** {@code h^T}, then {@code h / s}; and a block of W. */
  private final PackedMatrix inputs = new PackedMatrix();

  private final PackedMatrix weights = new PackedMatrix();

  /** A block of {@code e^T}. */
  private final PackedLeft left = new PackedLeft();

  private float[] params;

  /**
   * @param weight {@code [V, H]}
   * @param bias {@code [V]}, or null for none
   * @param positions the most positions (T B) of a pass
   */
  public SoftmaxHead(Param weight, Param bias, int positions) {
    this.weight = weight;
    this.bias = bias;
    vocabulary = weight.shape().get(0);
    hidden = weight.shape().get(1);
    int most = Math.min(MAX_POSITIONS, Math.max(1, MAX_LOGITS / vocabulary));
    maxPositions = Math.min(positions, most);
    logits = new float[Math.multiplyExact(maxPositions, vocabulary)];
    max = new float[maxPositions];
    blockSum = new float[maxPositions];
    sum = new double[maxPositions];
    inverse = new float[maxPositions];
    zeros = new float[bias == null ? vocabulary : 0];
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  public void load(float[] params) {
    this.params = params;
  }

  /** Bytes of the buffers, without packed factors. */
  public long bytes() {
    return 4L * (logits.length + max.length + blockSum.length + inverse.length + zeros.length)
        + 8L * sum.length;
  }

  /** The logits {@code [n, V]} of inputs {@code h [n, H]}. */
  public void logits(float[] h, int ho, int n, float[] out) {
    for (int from = 0; from < n; from += maxPositions) {
      int rows = Math.min(maxPositions, n - from);
      products(h, ho + from * hidden, rows);
      for (int v = 0; v < vocabulary; v++) {
        float shift = biases()[biasAt(v)];
        for (int i = 0; i < rows; i++) {
          out[(from + i) * vocabulary + v] = logits[v * rows + i] + shift;
        }
      }
    }
  }

  /** The summed loss of n positions; those with a negative target do not count. */
  public double evaluate(float[] h, int ho, int[] targets, int n) {
    double loss = 0;
    int pieces = pieces(n);
    for (int q = 0; q < pieces; q++) {
      int from = start(n, q, pieces);
      int rows = start(n, q + 1, pieces) - from;
      products(h, ho + from * hidden, rows);
      loss += loss(targets, from, rows);
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
  public double train(float[] h, int ho, int[] targets, int n, float[] dh, Gradient gradient) {
    double loss = 0;
    int pieces = pieces(n);
    for (int q = 0; q < pieces; q++) {
      int from = start(n, q, pieces);
      int rows = start(n, q + 1, pieces) - from;
      int at = ho + from * hidden;
      products(h, at, rows);
      loss += loss(targets, from, rows);
      backward(h, at, rows, dh, from * hidden, gradient);
      subtractTargets(h, at, targets, from, rows, dh, gradient);
    }
    return loss;
  }

  private int pieces(int n) {
    return (n + maxPositions - 1) / maxPositions;
  }

  /** Where piece q of nearly equal pieces begins. */
  private static int start(int n, int q, int pieces) {
    return (int) ((long) n * q / pieces);
  }

  private float[] biases() {
    return bias == null ? zeros : params;
  }

  private int biasAt(int v) {
    return bias == null ? v : bias.offset() + v;
  }

  /** The logits without bias, and the largest of every position with it. */
  private void products(float[] h, int ho, int n) {
    inputs.packTransposed(h, ho, hidden, n, hidden);
    Arrays.fill(max, 0, n, Float.NEGATIVE_INFINITY);
    for (int v = 0; v < vocabulary; v += BLOCK) {
      int rows = Math.min(BLOCK, vocabulary - v);
      int w = weight.offset() + v * hidden;
      Ops.gemm(rows, params, w, hidden, inputs, logits, v * n, n, false);
      Ops.columnMax(rows, n, logits, v * n, biases(), biasAt(v), max);
    }
  }

  /** Replaces logits by their exponentials; returns the loss. */
  private double loss(int[] targets, int from, int n) {
    double loss = 0;
    for (int i = 0; i < n; i++) {
      int target = targets[from + i];
      loss -= target < 0 ? 0 : logits[target * n + i] + biases()[biasAt(target)];
    }
    Arrays.fill(sum, 0, n, 0);
    for (int v = 0; v < vocabulary; v += BLOCK) {
      int rows = Math.min(BLOCK, vocabulary - v);
      Arrays.fill(blockSum, 0, n, 0f);
      Ops.columnExp(rows, n, logits, v * n, biases(), biasAt(v), max, blockSum);
      for (int i = 0; i < n; i++) {
        sum[i] += blockSum[i];
      }
    }
    for (int i = 0; i < n; i++) {
      boolean masked = targets[from + i] < 0;
      loss += masked ? 0 : max[i] + StrictMath.log(sum[i]);
      inverse[i] = masked ? 0 : (float) (1 / sum[i]);
    }
    return loss;
  }

  /** The gradients as if there were no targets. */
  private void backward(float[] h, int ho, int n, float[] dh, int dho, Gradient gradient) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < hidden; j++) {
        dh[dho + i * hidden + j] = h[ho + i * hidden + j] * inverse[i];
      }
    }
    inputs.pack(dh, dho, hidden, n, hidden);
    boolean add = gradient.claim(weight.offset(), weight.end());
    for (int v = 0; v < vocabulary; v += BLOCK) {
      int rows = Math.min(BLOCK, vocabulary - v);
      int w = weight.offset() + v * hidden;
      Ops.gemm(rows, logits, v * n, n, inputs, gradient.values(), w, hidden, add);
      left.pack(logits, v * n, n, rows, n);
      weights.pack(params, w, hidden, rows, hidden);
      Ops.gemm(left, weights, dh, dho, hidden, v > 0);
    }
    if (bias != null) {
      gradient.addTo(bias.offset(), bias.end());
      Ops.addRowDots(vocabulary, n, logits, 0, inverse, gradient.values(), bias.offset());
    }
  }

  /** The targets' part of the gradients. */
  private void subtractTargets(
      float[] h, int ho, int[] targets, int from, int n, float[] dh, Gradient gradient) {
    float[] g = gradient.values();
    for (int i = 0; i < n; i++) {
      int target = targets[from + i];
      int row = (from + i) * hidden;
      int w = weight.offset() + Math.max(0, target) * hidden;
      float scale = inverse[i];
      if (target < 0) {
        Arrays.fill(dh, row, row + hidden, 0f);
        continue;
      }
      for (int j = 0; j < hidden; j++) {
        dh[row + j] = scale * dh[row + j] - params[w + j];
        g[w + j] -= h[ho + i * hidden + j];
      }
      if (bias != null) {
        g[bias.offset() + target] -= 1;
      }
    }
  }
}
