// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.PackedLeft;
import org.unroll.rnn.math.PackedMatrix;
import org.unroll.rnn.math.Team;

/**
 * A softmax head is a linear layer, softmax and cross-entropy in one, with its buffers. It is not
 * for use by two callers at a time.
 *
 * <pre>
 *   a = W h + b     p = softmax(a)     loss = -log p(target)
 *   da = p - onehot(target)     dh = W^T da     dW = sum of da h^T     db = sum of da
 * </pre>
 *
 * <p>A large vocabulary decides how it is done. The logits stand transposed, {@code [V, n]}: so W
 * {@code [V, H]} is a left factor that is read where it lies, and is never copied whole. They are
 * written twice, as logits and as their exponentials {@code e}, and no probability ever is: with s
 * the sum of a position's exponentials,
 *
 * <pre>
 *   dh = (e^T W) / s - W at the targets      dW = e' (h / s) with e' = e - s at the targets
 * </pre>
 *
 * <p>The n positions of a window are worked through in pieces, so that {@code [V, n]} is never held
 * whole when V is large, and the vocabulary in blocks that stay in the cache from one pass over
 * them to the next. Threads share the blocks, and of {@code dh} the positions.
 */
public final class SoftmaxHead implements TokenSoftmax {
  /** The logits held at a time: 16 MiB. */
  private static final int MAX_LOGITS = 1 << 22;

  /** The positions at a time: enough to keep the products busy. */
  private static final int MAX_POSITIONS = 1024;

  /** The most rows of W in a block. */
  private static final int MAX_BLOCK = 256;

  /** The positions whose logits are transposed together. */
  private static final int TRANSPOSED = 8;

  private final Param weight;
  private final Param bias;
  private final int vocabulary;
  private final int hidden;
  private final int maxPositions;
  private final LabelSmoothing smoothing;

  /** The rows of W in a block: of a small vocabulary half, so that two threads have work. */
  private final int blockSize;

  /** The logits, then their exponentials {@code [V, n]}. */
  private final float[] logits;

  /** The largest logit of every position in a thread's blocks; the first ends as that of all. */
  private final float[][] max;

  /** The sums of the exponentials by block {@code [blocks, n]}. */
  private final float[][] blockSums;

  /** The sums of the exponentials of all blocks. */
  private final double[] sum;

  /** The logit of every position's target. */
  private final float[] own;

  /** One divided by the sum of the exponentials, 0 where the target is masked. */
  private final float[] inverse;

  /** The zeros that stand in for a bias that is not there. */
  private final float[] zeros;

  /** The factor {@code h^T}, then {@code h / s}. */
  private final PackedMatrix factor = new PackedMatrix();

  /** Every thread's block of W. */
  private final PackedMatrix[] weights;

  /** Every thread's block of {@code e^T}. */
  private final PackedLeft[] left;

  private final Team team;
  private final Team.Task transposedInputs = this::transposedInputs;
  private final Team.Task products = this::products;
  private final Team.Task exponentials = this::exponentials;
  private final Team.Task transposedLogits = this::transposedLogits;
  private final Team.Task normalised = this::normalised;
  private final Team.Task scaledInputs = this::scaledInputs;
  private final Team.Task weightGradient = this::weightGradient;
  private final Team.Task inputGradient = this::inputGradient;

  private float[] params;

  // The piece at work: its positions from the first on, what is made of them, the gradients.
  private int n;
  private float[] h;
  private int ho;
  private int[] targets;
  private int first;
  private float[] scores;
  private float[] dh;
  private int dho;
  private float[] gradient;
  private boolean add;

  /**
   * Prepares for a matrix and a bias.
   *
   * @param weight {@code [V, H]}
   * @param bias {@code [V]}, or null for none
   * @param share of every target that is spread over all tokens in training; see {@link
   *     LabelSmoothing}
   * @param positions the most positions (T B) of a pass
   * @param team the threads that do the work together
   */
  public SoftmaxHead(Param weight, Param bias, double share, int positions, Team team) {
    this.weight = weight;
    this.bias = bias;
    vocabulary = weight.shape().get(0);
    hidden = weight.shape().get(1);
    smoothing = new LabelSmoothing(share, weight, bias, team);
    blockSize = Math.min(MAX_BLOCK, (vocabulary + 1) / 2);
    int most = Math.min(MAX_POSITIONS, Math.max(1, MAX_LOGITS / vocabulary));
    maxPositions = Math.max(1, Math.min(positions, most));
    logits = new float[Math.multiplyExact(maxPositions, vocabulary)];
    max = new float[team.size()][maxPositions];
    blockSums = new float[blocks()][maxPositions];
    sum = new double[maxPositions];
    inverse = new float[maxPositions];
    own = new float[maxPositions];
    zeros = new float[bias == null ? vocabulary : 0];
    weights = new PackedMatrix[team.size()];
    Arrays.setAll(weights, i -> new PackedMatrix());
    left = new PackedLeft[team.size()];
    Arrays.setAll(left, i -> new PackedLeft());
    this.team = team;
  }

  private int blocks() {
    return (vocabulary + blockSize - 1) / blockSize;
  }

  private int blockRows(int block) {
    return Math.min(blockSize, vocabulary - block * blockSize);
  }

  /** Returns where the rows of W of a block begin. */
  private int blockAt(int block) {
    return weight.offset() + block * blockSize * hidden;
  }

  @Override
  public void load(float[] params) {
    this.params = params;
    smoothing.load(params);
  }

  @Override
  public long bytes() {
    long perPosition = 4L * (max.length + blockSums.length + 2) + 8L;
    long packed =
        Math.max(PackedMatrix.bytes(hidden, maxPositions), PackedMatrix.bytes(maxPositions, hidden))
            + team.size() * PackedMatrix.bytes(blockSize, hidden)
            + PackedLeft.bytes(maxPositions, blockSize);
    return 4L * (logits.length + zeros.length)
        + perPosition * maxPositions
        + packed
        + smoothing.bytes();
  }

  @Override
  public void logits(float[] inputs, int at, int count, float[] out) {
    int pieces = pieces(count);
    for (int q = 0; q < pieces; q++) {
      begin(inputs, at, null, count, q, pieces);
      makeLogits();
      scores = out;
      team.run(transposedLogits);
    }
  }

  /**
   * Makes the logarithms of the probabilities.
   *
   * <pre>
   *   log p = a - max - log(sum of exp(a - max))
   * </pre>
   */
  @Override
  public void logProbabilities(float[] inputs, int at, int count, float[] out) {
    int pieces = pieces(count);
    for (int q = 0; q < pieces; q++) {
      begin(inputs, at, null, count, q, pieces);
      makeLogits();
      scores = out;
      team.run(transposedLogits);
      team.run(exponentials);
      addSums();
      team.run(normalised);
    }
  }

  /** Writes the logits with their bias, of few positions at a time as the cache is small. */
  private void transposedLogits(int part, int parts) {
    int end = Team.start(blocks(), part + 1, parts);
    for (int b = Team.start(blocks(), part, parts); b < end; b++) {
      int firstRow = b * blockSize;
      int endRow = firstRow + blockRows(b);
      for (int from = 0; from < n; from += TRANSPOSED) {
        int to = Math.min(n, from + TRANSPOSED);
        for (int v = firstRow; v < endRow; v++) {
          float shift = biases()[biasAt(v)];
          for (int i = from; i < to; i++) {
            scores[(first + i) * vocabulary + v] = logits[v * n + i] + shift;
          }
        }
      }
    }
  }

  private void normalised(int part, int parts) {
    int end = Team.start(n, part + 1, parts);
    for (int i = Team.start(n, part, parts); i < end; i++) {
      double logSum = max[0][i] + StrictMath.log(sum[i]);
      int row = (first + i) * vocabulary;
      for (int v = row; v < row + vocabulary; v++) {
        scores[v] = (float) (scores[v] - logSum);
      }
    }
  }

  @Override
  public double evaluate(
      float[] inputs, int at, int[] targetIds, int count, double[] losses, boolean[] right) {
    double loss = 0;
    int pieces = pieces(count);
    for (int q = 0; q < pieces; q++) {
      begin(inputs, at, targetIds, count, q, pieces);
      makeLogits();
      loss += loss(losses);
      for (int i = 0; right != null && i < n; i++) {
        right[first + i] = targets[first + i] >= 0 && own[i] >= max[0][i];
      }
    }
    return loss;
  }

  /** Makes loss and gradients of some positions, with smoothed targets. */
  @Override
  public double train(
      float[] inputs, int at, int[] targetIds, int count, float[] inputGradients, Gradient into) {
    dh = inputGradients;
    smoothing.begin();
    double loss = 0;
    int pieces = pieces(count);
    for (int q = 0; q < pieces; q++) {
      begin(inputs, at, targetIds, count, q, pieces);
      makeLogits();
      loss += loss(null);
      loss += smoothing.loss(h, ho, n, targets, first, own);
      backward(into);
    }
    smoothing.addTo(into);
    return loss;
  }

  private int pieces(int count) {
    return (count + maxPositions - 1) / maxPositions;
  }

  /** Makes piece q of nearly equal pieces the one at work. */
  private void begin(float[] inputs, int at, int[] targetIds, int count, int q, int pieces) {
    first = Team.start(count, q, pieces);
    n = Team.start(count, q + 1, pieces) - first;
    h = inputs;
    ho = at + first * hidden;
    dho = first * hidden;
    targets = targetIds;
  }

  private float[] biases() {
    return bias == null ? zeros : params;
  }

  private int biasAt(int v) {
    return bias == null ? v : bias.offset() + v;
  }

  /** Makes the logits without bias, and the largest of every position with it. */
  private void makeLogits() {
    factor.reserve(hidden, n);
    team.run(transposedInputs);
    team.run(products);
    for (int part = 1; part < team.size(); part++) {
      for (int i = 0; i < n; i++) {
        max[0][i] = Math.max(max[0][i], max[part][i]);
      }
    }
  }

  private void transposedInputs(int part, int parts) {
    factor.packTransposedPart(h, ho, hidden, part, parts);
  }

  private void products(int part, int parts) {
    Arrays.fill(max[part], 0, n, Float.NEGATIVE_INFINITY);
    int end = Team.start(blocks(), part + 1, parts);
    for (int b = Team.start(blocks(), part, parts); b < end; b++) {
      int at = b * blockSize * n;
      int rows = blockRows(b);
      Ops.gemm(rows, params, blockAt(b), hidden, factor, logits, at, n, false);
      Ops.columnMax(rows, n, logits, at, biases(), biasAt(b * blockSize), max[part]);
    }
  }

  /**
   * Replaces logits by their exponentials; returns the loss, and where that is wanted the loss of
   * every position.
   */
  private double loss(double[] losses) {
    for (int i = 0; i < n; i++) {
      int target = targets[first + i];
      own[i] = target < 0 ? 0 : logits[target * n + i] + biases()[biasAt(target)];
    }
    team.run(exponentials);
    addSums();
    double loss = 0;
    for (int i = 0; i < n; i++) {
      boolean masked = targets[first + i] < 0;
      double one = masked ? 0 : max[0][i] + StrictMath.log(sum[i]) - own[i];
      loss += one;
      if (losses != null) {
        losses[first + i] = one;
      }
      inverse[i] = masked ? 0 : (float) (1 / sum[i]);
    }
    return loss;
  }

  private void addSums() {
    for (int i = 0; i < n; i++) {
      sum[i] = 0;
      for (float[] sums : blockSums) {
        sum[i] += sums[i];
      }
    }
  }

  private void exponentials(int part, int parts) {
    int end = Team.start(blocks(), part + 1, parts);
    for (int b = Team.start(blocks(), part, parts); b < end; b++) {
      Arrays.fill(blockSums[b], 0, n, 0f);
      int at = b * blockSize * n;
      float[] sums = blockSums[b];
      Ops.columnExp(blockRows(b), n, logits, at, biases(), biasAt(b * blockSize), max[0], sums);
    }
  }

  private void backward(Gradient into) {
    factor.reserve(n, hidden);
    team.run(scaledInputs);
    if (bias != null) {
      into.addTo(bias.offset(), bias.end());
    }
    add = into.claim(weight.offset(), weight.end());
    gradient = into.values();
    team.run(inputGradient);
    for (int i = 0; i < n; i++) {
      if (targets[first + i] >= 0) {
        logits[targets[first + i] * n + i] -= (float) (smoothing.kept() * sum[i]);
      }
    }
    team.run(weightGradient);
  }

  /** Packs {@code h / s}, with dh as scratch. */
  private void scaledInputs(int part, int parts) {
    int start = Team.start(n, part, parts);
    int end = Team.start(n, part + 1, parts);
    for (int i = start; i < end; i++) {
      for (int j = 0; j < hidden; j++) {
        dh[dho + i * hidden + j] = h[ho + i * hidden + j] * inverse[i];
      }
    }
    factor.packRows(dh, dho, hidden, start, end);
  }

  private void weightGradient(int part, int parts) {
    int end = Team.start(blocks(), part + 1, parts);
    for (int b = Team.start(blocks(), part, parts); b < end; b++) {
      int at = b * blockSize * n;
      int rows = blockRows(b);
      Ops.gemm(rows, logits, at, n, factor, gradient, blockAt(b), hidden, add);
      if (bias != null) {
        Ops.addRowDots(rows, n, logits, at, inverse, 0, gradient, biasAt(b * blockSize));
      }
    }
  }

  private void inputGradient(int part, int parts) {
    int start = Team.start(n, part, parts);
    int end = Team.start(n, part + 1, parts);
    for (int b = 0; b < blocks(); b++) {
      int rows = blockRows(b);
      left[part].pack(logits, b * blockSize * n + start, n, rows, end - start);
      weights[part].pack(params, blockAt(b), hidden, rows, hidden);
      Ops.gemm(left[part], weights[part], dh, dho + start * hidden, hidden, b > 0);
    }
    for (int i = start; i < end; i++) {
      finishInputGradient(i);
    }
  }

  private void finishInputGradient(int i) {
    int target = targets[first + i];
    int row = dho + i * hidden;
    if (target < 0) {
      Arrays.fill(dh, row, row + hidden, 0f);
      return;
    }
    int w = weight.offset() + target * hidden;
    float kept = (float) smoothing.kept();
    float[] spread = smoothing.spread();
    for (int j = 0; j < hidden; j++) {
      dh[row + j] = inverse[i] * dh[row + j] - kept * params[w + j] - spread[j];
    }
  }
}
