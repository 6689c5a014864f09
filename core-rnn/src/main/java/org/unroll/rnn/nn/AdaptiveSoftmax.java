// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;

/**
 * An adaptive softmax tells frequent tokens at once, and rare ones by their cluster first (Grave et
 * al. 2017, "Efficient softmax approximation for GPUs"), as {@code
 * torch.nn.AdaptiveLogSoftmaxWithLoss} does. It is not for use by two callers at a time.
 *
 * <p>Ids ascend as tokens get rarer, so that clusters are ranges of them. The head tells the tokens
 * of the first range and the others' clusters; a tail tells the tokens of a cluster after a
 * projection that makes vectors narrower:
 *
 * <pre>
 *   log p(v) = log p(v | h)                       in the head's range
 *   log p(v) = log p(c | h) + log p(v | P_c h)    in cluster c
 * </pre>
 *
 * <p>Each is the linear layer, softmax and cross-entropy of a {@link SoftmaxHead}. The loss of a
 * token of cluster c is the head's about c and the tail's about the token, so a tail is only run
 * for the positions whose target is there: they are gathered, and {@code dh} gets {@code P_c^T}
 * times the gradient of what the tail read.
 */
public final class AdaptiveSoftmax implements TokenSoftmax {
  /** The scores of tokens made at a time where those of all are wanted: 4 MiB. */
  private static final int MAX_SCORES = 1 << 20;

  /**
   * A tail tells the tokens of a cluster.
   *
   * @param first token
   * @param end behind the last token
   */
  private record Tail(int first, int end, Linear projection, SoftmaxHead softmax) {
    boolean has(int token) {
      return token >= first && token < end;
    }

    int tokens() {
      return end - first;
    }
  }

  private final int tokens;
  private final int hidden;

  /** How many tokens the head tells itself. */
  private final int frequent;

  private final SoftmaxHead head;
  private final Tail[] tails;

  /** Of every position the token or the cluster, or what masks it. */
  private final int[] headTargets;

  // The positions that are worked on together: which they are, their targets, inputs [n, H], and of
  // a tail what it reads, the gradient of that, and its losses.
  private final int[] members;
  private final int[] memberTargets;
  private final float[] gathered;
  private final float[] projected;
  private final float[] projectedGradient;
  private final double[] memberLosses;

  /** The positions of which all scores are made at a time. */
  private final int piece;

  private final float[] headScores;
  private final float[] tailScores;
  private final float[] scores;

  /**
   * Prepares for the parameters that a layout has.
   *
   * @param clusters behind the head's tokens
   * @param positions the most positions (T B) of a pass
   * @param team the threads that do the work together
   */
  public AdaptiveSoftmax(
      ParamLayout layout, String prefix, int clusters, int positions, Team team) {
    Param weight = layout.get(headPrefix(prefix) + "weight");
    String bias = headPrefix(prefix) + "bias";
    head =
        new SoftmaxHead(
            weight, layout.contains(bias) ? layout.get(bias) : null, 0, positions, team);
    hidden = weight.shape().get(1);
    frequent = weight.shape().get(0) - clusters;
    tails = new Tail[clusters];
    int first = frequent;
    int widest = 0;
    int most = 0;
    for (int c = 0; c < clusters; c++) {
      Param own = layout.get(tailPrefix(prefix, c) + "weight");
      int end = first + own.shape().get(0);
      Linear projection = new Linear(layout, projectionPrefix(prefix, c), team);
      tails[c] = new Tail(first, end, projection, new SoftmaxHead(own, null, 0, positions, team));
      widest = Math.max(widest, own.shape().get(1));
      most = Math.max(most, end - first);
      first = end;
    }
    tokens = first;
    headTargets = new int[positions];
    members = new int[positions];
    memberTargets = new int[positions];
    gathered = new float[Math.multiplyExact(positions, hidden)];
    projected = new float[Math.multiplyExact(positions, widest)];
    projectedGradient = new float[projected.length];
    memberLosses = new double[positions];
    piece = Math.min(positions, Math.max(1, MAX_SCORES / tokens));
    headScores = new float[piece * (frequent + clusters)];
    tailScores = new float[piece * most];
    scores = new float[piece * tokens];
  }

  private static String headPrefix(String prefix) {
    return prefix + "head.";
  }

  private static String projectionPrefix(String prefix, int cluster) {
    return prefix + "tail." + cluster + ".0.";
  }

  private static String tailPrefix(String prefix, int cluster) {
    return prefix + "tail." + cluster + ".1.";
  }

  /** Returns the width of what the tail of a cluster reads; 0 if the divisions leave nothing. */
  public static int tailWidth(int width, int divisor, int cluster) {
    int narrow = width;
    for (int i = 0; i <= cluster; i++) {
      narrow /= divisor;
    }
    return narrow;
  }

  /**
   * Appends the parameters.
   *
   * @param cutoffs the first token of every cluster
   * @param divisor by which vectors are narrower from one cluster to the next
   * @param bias whether the head has one
   */
  public static void layOut(
      String prefix,
      int width,
      int tokens,
      List<Integer> cutoffs,
      int divisor,
      boolean bias,
      ParamLayout.Builder builder) {
    int clusters = cutoffs.size();
    int inHead = cutoffs.get(0) + clusters;
    if (bias) {
      Linear.layOut(headPrefix(prefix), inHead, width, builder);
    } else {
      Linear.layOutWeight(headPrefix(prefix), inHead, width, builder);
    }
    for (int c = 0; c < clusters; c++) {
      int end = c + 1 < clusters ? cutoffs.get(c + 1) : tokens;
      int narrow = tailWidth(width, divisor, c);
      Linear.layOutWeight(projectionPrefix(prefix, c), narrow, width, builder);
      Linear.layOutWeight(tailPrefix(prefix, c), end - cutoffs.get(c), narrow, builder);
    }
  }

  @Override
  public void load(float[] params) {
    head.load(params);
    for (Tail tail : tails) {
      tail.projection.load(params);
      tail.softmax.load(params);
    }
  }

  @Override
  public long bytes() {
    long bytes = head.bytes() + 12L * headTargets.length + 8L * memberLosses.length;
    for (Tail tail : tails) {
      bytes += tail.softmax.bytes();
    }
    return bytes
        + 4L * (gathered.length + 2L * projected.length)
        + 4L * (headScores.length + tailScores.length + scores.length);
  }

  /** Makes log probabilities, of which the softmax is the probabilities as well. */
  @Override
  public void logits(float[] inputs, int at, int count, float[] out) {
    logProbabilities(inputs, at, count, out);
  }

  @Override
  public void logProbabilities(float[] inputs, int at, int count, float[] out) {
    for (int from = 0; from < count; from += piece) {
      int n = Math.min(piece, count - from);
      makeScores(inputs, at + from * hidden, n, out, from * tokens);
    }
  }

  private void makeScores(float[] inputs, int at, int n, float[] out, int to) {
    int inHead = frequent + tails.length;
    head.logProbabilities(inputs, at, n, headScores);
    for (int i = 0; i < n; i++) {
      System.arraycopy(headScores, i * inHead, out, to + i * tokens, frequent);
    }
    for (int c = 0; c < tails.length; c++) {
      Tail tail = tails[c];
      tail.projection.forward(inputs, at, n, projected);
      tail.softmax.logProbabilities(projected, 0, n, tailScores);
      for (int i = 0; i < n; i++) {
        float cluster = headScores[i * inHead + frequent + c];
        int own = to + i * tokens + tail.first;
        for (int v = 0; v < tail.tokens(); v++) {
          out[own + v] = cluster + tailScores[i * tail.tokens() + v];
        }
      }
    }
  }

  @Override
  public double evaluate(
      float[] inputs, int at, int[] targetIds, int count, double[] losses, boolean[] right) {
    makeHeadTargets(targetIds, count);
    double loss = head.evaluate(inputs, at, headTargets, count, losses, right);
    for (Tail tail : tails) {
      int n = gather(tail, inputs, at, targetIds, count);
      tail.projection.forward(gathered, 0, n, projected);
      loss += tail.softmax.evaluate(projected, 0, memberTargets, n, memberLosses, null);
      for (int i = 0; losses != null && i < n; i++) {
        losses[members[i]] += memberLosses[i];
      }
    }
    if (right != null) {
      judge(inputs, at, targetIds, count, right);
    }
    return loss;
  }

  /**
   * Tells of the other positions than those whose target is the head's choice whether they are
   * right. Where a target is that, no cluster is more probable, and so none of its tokens.
   */
  private void judge(float[] inputs, int at, int[] targetIds, int count, boolean[] right) {
    int n = 0;
    for (int p = 0; p < count; p++) {
      if (targetIds[p] >= 0 && !(right[p] && targetIds[p] < frequent)) {
        n = gather(inputs, at, p, targetIds[p], n);
      }
    }
    for (int from = 0; from < n; from += piece) {
      int end = Math.min(n, from + piece);
      makeScores(gathered, from * hidden, end - from, scores, 0);
      for (int i = from; i < end; i++) {
        int row = (i - from) * tokens;
        float best = Float.NEGATIVE_INFINITY;
        for (int v = row; v < row + tokens; v++) {
          best = Math.max(best, scores[v]);
        }
        right[members[i]] = scores[row + memberTargets[i]] >= best;
      }
    }
  }

  @Override
  public double train(
      float[] inputs, int at, int[] targetIds, int count, float[] inputGradients, Gradient into) {
    makeHeadTargets(targetIds, count);
    double loss = head.train(inputs, at, headTargets, count, inputGradients, into);
    for (Tail tail : tails) {
      int n = gather(tail, inputs, at, targetIds, count);
      Linear projection = tail.projection;
      projection.forward(gathered, 0, n, projected);
      loss += tail.softmax.train(projected, 0, memberTargets, n, projectedGradient, into);
      projection.backwardWeights(gathered, 0, hidden, projectedGradient, n, into);
      // The inputs are not needed any more.
      projection.backwardInputs(projectedGradient, 0, n, gathered, 0, hidden, false);
      for (int i = 0; i < n; i++) {
        Ops.add(gathered, i * hidden, inputGradients, members[i] * hidden, hidden);
      }
    }
    return loss;
  }

  private void makeHeadTargets(int[] targetIds, int count) {
    System.arraycopy(targetIds, 0, headTargets, 0, count);
    for (int c = 0; c < tails.length; c++) {
      for (int p = 0; p < count; p++) {
        headTargets[p] = tails[c].has(targetIds[p]) ? frequent + c : headTargets[p];
      }
    }
  }

  /** Gathers the positions of a cluster, with the numbers of their targets there. */
  private int gather(Tail tail, float[] inputs, int at, int[] targetIds, int count) {
    int n = 0;
    for (int p = 0; p < count; p++) {
      if (tail.has(targetIds[p])) {
        n = gather(inputs, at, p, targetIds[p] - tail.first, n);
      }
    }
    return n;
  }

  /** Gathers a position as the n-th; returns how many there are then. */
  private int gather(float[] inputs, int at, int position, int target, int n) {
    members[n] = position;
    memberTargets[n] = target;
    System.arraycopy(inputs, at + position * hidden, gathered, n * hidden, hidden);
    return n + 1;
  }
}
