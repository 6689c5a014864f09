// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import java.util.Arrays;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.Team;

/**
 * Attention looks at all outputs m of an encoder from a decoder's state h: it scores them, and
 * makes a context c of them, weighted by the scores' softmax (Bahdanau et al. 2015; Luong et al.
 * 2015).
 *
 * <pre>
 *   additive  e_s = v . tanh(W_q h + W_k m_s)     dot  e_s = h . m_s     general  e_s = h . W_k m_s
 *
 *   a = softmax(e)     c = sum over s of a_s m_s
 *
 *   da_s = dc . m_s     de_s = a_s (da_s - sum over i of a_i da_i)     dm_s += a_s dc
 *   dot, general: with the key k_s = m_s or W_k m_s     dh += de_s k_s     dk_s += de_s h
 *   additive: with u_s = tanh(q + k_s)     dv += de_s u_s     dq, dk_s += de_s v (1 - u_s^2)
 * </pre>
 *
 * <p>Vectors to be remembered stand one sequence behind another, and those of a decoder stand by
 * step, as {@code [N, H + W]}: what is asked with, and behind it what is answered, so that both are
 * the input of the next layer. Threads share the decoder's rows, each of which asks about a
 * sequence of its own in training. Not for use by two callers at a time.
 */
public final class Attention {
  /** The ways to score an encoder's output for a decoder's state. */
  public enum Type {
    /** The score is {@code v . tanh(W_q h + W_k m)} (Bahdanau et al. 2015). */
    ADDITIVE,
    /** The score is {@code h . m}, of equal widths (Luong et al. 2015). */
    DOT,
    /** The score is {@code h . W_k m} (Luong et al. 2015). */
    GENERAL
  }

  private final Type type;
  private final int width;
  private final int memoryWidth;
  private final int stride;
  private final Linear query;
  private final Linear key;
  private final Param score;
  private final Team team;
  private final Team.Task look = this::look;
  private final Team.Task lookBack = this::lookBack;

  /** The outputs of the encoder, sequence behind sequence {@code [M, W]}, and their gradients. */
  private final float[] memory;

  private final float[] memoryGradient;

  /** What scores are made of {@code [M, H]}: the memory itself for dot products. */
  private final float[] keys;

  private final float[] keyGradient;

  /** Where the memory of every sequence begins, in vectors {@code [B + 1]}. */
  private final int[] starts;

  /** The products {@code W_q h} of additive scores {@code [N, H]}, then their gradients. */
  private final float[] queries;

  /** The weights of every step of every row of the decoder, each as many as its sequence has. */
  private final float[] weights;

  /** Where the weights of every row begin {@code [R]}. */
  private final int[] weightStarts;

  /** Each thread's gradients of the weights of a step, and additive activations {@code [S, H]}. */
  private float[][] weightGradients;

  private float[][] activations;

  /** The gradient of v by row of the decoder {@code [R, H]}. */
  private final float[] scoreGradients;

  private float[] params;

  /** The sequences that are remembered. */
  private Packing read;

  // The pass at work.
  private Packing packing;
  private int[] sources;
  private float[] x;
  private float[] dx;
  private int t0;
  private int t1;

  /**
   * A capacity is the most that a pass may have.
   *
   * @param memory outputs of the encoder
   * @param sequences that the encoder read
   * @param positions steps of all rows of the decoder
   * @param rows of the decoder
   * @param pairs of a step of a row of the decoder with an output of its sequence
   */
  public record Capacity(int memory, int sequences, int positions, int rows, int pairs) {}

  /**
   * Prepares for passes up to a capacity.
   *
   * @param prefix what the names of its parameters begin with
   * @param width H, that of the decoder's states
   * @param memoryWidth W, that of the encoder's outputs
   */
  public Attention(
      Type type,
      ParamLayout layout,
      String prefix,
      int width,
      int memoryWidth,
      Capacity most,
      Team team) {
    this.type = type;
    this.width = width;
    this.memoryWidth = memoryWidth;
    this.team = team;
    stride = width + memoryWidth;
    boolean additive = type == Type.ADDITIVE;
    query = additive ? new Linear(layout, prefix + "query.", team) : null;
    key = type == Type.DOT ? null : new Linear(layout, prefix + "key.", team);
    score = additive ? layout.get(prefix + "score") : null;
    memory = new float[Math.multiplyExact(most.memory(), memoryWidth)];
    memoryGradient = new float[memory.length];
    int keySize = Math.multiplyExact(most.memory(), width);
    keys = key == null ? memory : new float[keySize];
    keyGradient = key == null ? memoryGradient : new float[keySize];
    starts = new int[most.sequences() + 1];
    queries = new float[additive ? Math.multiplyExact(most.positions(), width) : 0];
    weights = new float[most.pairs()];
    weightStarts = new int[most.rows()];
    weightGradients = new float[team.size()][0];
    activations = new float[team.size()][0];
    scoreGradients = new float[additive ? Math.multiplyExact(most.rows(), width) : 0];
  }

  /** Appends the parameters. */
  public static void layOut(
      Type type, String prefix, int width, int memoryWidth, ParamLayout.Builder builder) {
    if (type == Type.ADDITIVE) {
      Linear.layOutWeight(prefix + "query.", width, width, builder);
    }
    if (type != Type.DOT) {
      Linear.layOutWeight(prefix + "key.", width, memoryWidth, builder);
    }
    if (type == Type.ADDITIVE) {
      builder.add(prefix + "score", Param.Role.OUTPUT_WEIGHT, 1, width);
    }
  }

  /** Takes the parameters as they are now; to be called whenever they changed. */
  public void load(float[] params) {
    this.params = params;
    if (query != null) {
      query.load(params);
    }
    if (key != null) {
      key.load(params);
    }
  }

  /** Takes the encoder's outputs {@code [M, W]}, packed, from {@code yo} on. */
  public void remember(float[] y, int yo, Packing read) {
    this.read = read;
    reserveScratch(read.steps());
    for (int row = 0; row < read.rows(); row++) {
      starts[row + 1] = starts[row] + read.length(row);
      for (int t = 0; t < read.length(row); t++) {
        int from = yo + (read.at(t) + row) * memoryWidth;
        System.arraycopy(y, from, memory, (starts[row] + t) * memoryWidth, memoryWidth);
      }
    }
    if (key != null) {
      key.forward(memory, 0, starts[read.rows()], keys);
    }
  }

  private void reserveScratch(int longest) {
    if (weightGradients[0].length < longest) {
      int size = Math.multiplyExact(longest, width);
      weightGradients = new float[team.size()][longest];
      activations = new float[team.size()][type == Type.ADDITIVE ? size : 0];
    }
  }

  /** Returns S, how many outputs the encoder made of a sequence. */
  public int length(int sequence) {
    return starts[sequence + 1] - starts[sequence];
  }

  /**
   * Takes the rows that will look.
   *
   * @param packing their steps
   * @param sources the sequence that each of them looks at
   */
  public void begin(Packing packing, int[] sources) {
    this.packing = packing;
    this.sources = sources;
    int at = 0;
    for (int row = 0; row < packing.rows(); row++) {
      weightStarts[row] = at;
      at += packing.length(row) * length(sources[row]);
    }
  }

  /**
   * Makes the contexts of the steps {@code [from, to)}.
   *
   * @param x states and contexts {@code [N, H + W]}, of which the contexts are set
   */
  public void forward(float[] x, int from, int to) {
    this.x = x;
    t0 = from;
    t1 = to;
    if (query != null) {
      int at = packing.at(from);
      query.forward(x, at * stride, stride, packing.at(to) - at, queries, at * width);
    }
    team.run(look);
  }

  private void look(int part, int parts) {
    int end = Team.start(packing.rowsAt(t0), part + 1, parts);
    for (int row = Team.start(packing.rowsAt(t0), part, parts); row < end; row++) {
      for (int t = t0; t < Math.min(t1, packing.length(row)); t++) {
        look(part, row, t);
      }
    }
  }

  private void look(int part, int row, int t) {
    int first = starts[sources[row]];
    int n = length(sources[row]);
    int at = weightsAt(row, t);
    int h = (packing.at(t) + row) * stride;
    Arrays.fill(weights, at, at + n, 0f);
    if (type == Type.ADDITIVE) {
      activate(part, row, t);
      Ops.addRowDots(n, width, activations[part], 0, params, score.offset(), weights, at);
    } else {
      Ops.addRowDots(n, width, keys, first * width, x, h, weights, at);
    }
    softmax(at, n);
    Arrays.fill(x, h + width, h + stride, 0f);
    for (int s = 0; s < n; s++) {
      int m = (first + s) * memoryWidth;
      Ops.addScaled(weights[at + s], memory, m, x, h + width, memoryWidth);
    }
  }

  /** Makes {@code tanh(q + k_s)} for all s of a row's sequence. */
  private void activate(int part, int row, int t) {
    int q = (packing.at(t) + row) * width;
    int k = starts[sources[row]] * width;
    int n = length(sources[row]);
    for (int s = 0; s < n; s++) {
      Ops.sum(keys, k + s * width, queries, q, activations[part], s * width, width);
    }
    Ops.tanh(activations[part], 0, activations[part], 0, n * width);
  }

  private void softmax(int at, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int s = at; s < at + n; s++) {
      max = Math.max(max, weights[s]);
    }
    double sum = 0;
    for (int s = at; s < at + n; s++) {
      double e = StrictMath.exp(weights[s] - max);
      weights[s] = (float) e;
      sum += e;
    }
    for (int s = at; s < at + n; s++) {
      weights[s] = (float) (weights[s] / sum);
    }
  }

  /** Returns where the weights of a step of a row begin in {@link #weights()}. */
  public int weightsAt(int row, int t) {
    return weightStarts[row] + t * length(sources[row]);
  }

  /** Returns the array of the weights of all steps. */
  public float[] weights() {
    return weights;
  }

  /** Begins to run back over all steps of the last pass. */
  public void beginBackward() {
    int n = starts[read.rows()];
    Arrays.fill(memoryGradient, 0, n * memoryWidth, 0f);
    if (key != null) {
      Arrays.fill(keyGradient, 0, n * width, 0f);
    }
    if (score != null) {
      Arrays.fill(scoreGradients, 0, packing.rows() * width, 0f);
    }
  }

  /**
   * Runs back over the steps {@code [from, to)}, behind which all others have been run back over.
   *
   * @param dx gradients of states and contexts {@code [N, H + W]}; to those of the states is added
   *     what comes by the contexts
   */
  public void backward(float[] dx, int from, int to) {
    this.dx = dx;
    t0 = from;
    t1 = to;
    team.run(lookBack);
    if (query != null) {
      int at = packing.at(from);
      int n = packing.at(to) - at;
      query.backwardInputs(queries, at * width, n, dx, at * stride, stride, true);
    }
  }

  private void lookBack(int part, int parts) {
    int end = Team.start(packing.rowsAt(t0), part + 1, parts);
    for (int row = Team.start(packing.rowsAt(t0), part, parts); row < end; row++) {
      for (int t = Math.min(t1, packing.length(row)) - 1; t >= t0; t--) {
        lookBack(part, row, t);
      }
    }
  }

  private void lookBack(int part, int row, int t) {
    int first = starts[sources[row]];
    int n = length(sources[row]);
    int at = weightsAt(row, t);
    int h = (packing.at(t) + row) * stride;
    float[] de = weightGradients[part];
    Arrays.fill(de, 0, n, 0f);
    Ops.addRowDots(n, memoryWidth, memory, first * memoryWidth, dx, h + width, de, 0);
    double mean = 0;
    for (int s = 0; s < n; s++) {
      mean += (double) weights[at + s] * de[s];
    }
    for (int s = 0; s < n; s++) {
      de[s] = (float) (weights[at + s] * (de[s] - mean));
      int m = (first + s) * memoryWidth;
      Ops.addScaled(weights[at + s], dx, h + width, memoryGradient, m, memoryWidth);
    }
    if (type == Type.ADDITIVE) {
      activate(part, row, t);
      int q = (packing.at(t) + row) * width;
      Arrays.fill(queries, q, q + width, 0f);
      for (int s = 0; s < n; s++) {
        activationBack(de[s], activations[part], s * width, row * width, q, (first + s) * width);
      }
    } else {
      for (int s = 0; s < n; s++) {
        int k = (first + s) * width;
        Ops.addScaled(de[s], keys, k, dx, h, width);
        Ops.addScaled(de[s], x, h, keyGradient, k, width);
      }
    }
  }

  /** Runs back over one activation: to v, to the query and to the key. */
  private void activationBack(float de, float[] u, int at, int v, int q, int k) {
    for (int j = 0; j < width; j++) {
      float one = u[at + j];
      float d = de * params[score.offset() + j] * (1 - one * one);
      scoreGradients[v + j] += de * one;
      queries[q + j] += d;
      keyGradient[k + j] += d;
    }
  }

  /**
   * Makes the gradients of the parameters and of what was remembered, behind {@link #backward} of
   * all steps.
   *
   * @param dy set to the gradient of the encoder's outputs {@code [M, W]}, packed
   */
  public void endBackward(float[] dy, Gradient into) {
    if (score != null) {
      query.backwardWeights(x, 0, stride, queries, packing.positions(), into);
      into.addTo(score.offset(), score.end());
      for (int row = 0; row < packing.rows(); row++) {
        Ops.add(scoreGradients, row * width, into.values(), score.offset(), width);
      }
    }
    if (key != null) {
      int n = starts[read.rows()];
      key.backwardInputs(keyGradient, 0, n, memoryGradient, 0, memoryWidth, true);
      key.backwardWeights(memory, 0, memoryWidth, keyGradient, n, into);
    }
    for (int row = 0; row < read.rows(); row++) {
      for (int t = 0; t < read.length(row); t++) {
        int to = (read.at(t) + row) * memoryWidth;
        System.arraycopy(memoryGradient, (starts[row] + t) * memoryWidth, dy, to, memoryWidth);
      }
    }
  }

  /** Returns the bytes of the buffers. */
  public long bytes() {
    long own = key == null ? 0 : 2L * keys.length;
    long threads = (long) team.size() * (weightGradients[0].length + activations[0].length);
    return 4L
        * (2L * memory.length
            + own
            + starts.length
            + queries.length
            + weights.length
            + weightStarts.length
            + threads
            + scoreGradients.length);
  }
}
