// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Dropout;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Embedding;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Linear;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack;

/**
 * A decoder is run over the sequences that are to be written, forward and backward, with the right
 * token before each step (teacher forcing); or a step at a time over what has been written so far.
 *
 * <pre>
 *   attach(what was made of what was read)
 *     forward -&gt; outputs [N, H] -&gt; backward      all steps of the given sequences
 *     start -&gt; step, step, ...                   one step of some rows: search
 *
 *   h_t = layers([E(y_t-1) ; o_t-1])     o_t = tanh(W_c [h_t ; c_t])
 *
 *   da_t = do_t (1 - o_t^2)     [dh_t ; dc_t] = W_c^T da_t     dW_c = sum of da_t [h_t ; c_t]^T
 *   do_t-1 += what layers give back for o_t-1
 * </pre>
 *
 * <p>Whole sequences are run at once where no step needs the one before it but for the layers' own
 * state, otherwise step by step: where outputs are fed, or where in the place of some tokens the
 * most probable ones are read (scheduled sampling, Bengio et al. 2015).
 */
final class Decoder {
  private static final long LAYERS_SITE = 3;
  private static final long TOKEN_SITE = 4;
  private static final long OUTPUT_SITE = 5;
  private static final long OWN_SITE = 6;

  private final DecoderSpec spec;
  private final RnnSpec layers;
  private final int width;
  private final int inputs;
  private final int joined;
  private final Param embedding;
  private final Bridge bridge;
  private final RnnStack rnn;
  private final Attention attention;
  private final Linear combine;
  private final Dropout.OfSequences dropout;

  /** The tokens for embedding every one once, or null where a step reads more than its token. */
  private final DistinctTokens tokens;

  private final int[] ids;

  /** What the layers read {@code [N, D]}, and its gradient. */
  private final float[] x;

  private final float[] dx;

  /** States beside their contexts {@code [N, H + W]}, and their gradients. */
  private final float[] contexts;

  private final float[] contextGradient;

  /** The outputs before dropout {@code [N, H]}, and behind it: one array if there is none. */
  private final float[] combined;

  private final float[] outputs;
  private final float[] hiddenGradient;

  /** The state before the first step, then behind the last; and its gradient. */
  private final float[] state;

  private final Packing oneStep = new Packing();

  /** The scores of the tokens of a step {@code [B, V]}, where its own are read. */
  private float[] scores = new float[0];

  private final int[] ownToken = new int[1];
  private float[] params;

  // The pass at work.
  private Bridge.Read read;
  private Packing packing;
  private int[] sources;
  private DistinctTokens distinct;
  private boolean training;
  private boolean stepByStep;
  private long tokenKey;

  Decoder(Network network, Pass.Size size, Team team) {
    spec = network.spec().decoder();
    boolean attends = spec.attention() != null;
    layers = attends ? spec.layers().with(withoutOutput(spec.layers().dropout())) : spec.layers();
    width = spec.outputSize();
    inputs = layers.inputSize();
    joined = width + network.spec().readSize();
    int positions = Math.max(size.written(), size.hypotheses());
    int rows = size.rows();
    embedding = network.layout().get(network.targetEmbedding());
    bridge = new Bridge(network.spec(), network.layout(), rows, team);
    tokens =
        !spec.inputFeeding() && layers.dropout().input() == 0
            ? new DistinctTokens(spec.vocabulary(), positions)
            : null;
    int most = tokens == null ? 0 : tokens.most();
    RnnStack.Capacity capacity =
        new RnnStack.Capacity(positions, Math.max(rows, size.hypotheses()), most);
    rnn = new RnnStack(layers, network.layout(), Network.TARGET_RNN, capacity, team);
    attention =
        attends
            ? new Attention(
                spec.attention(),
                network.layout(),
                Network.ATTENTION,
                width,
                network.spec().readSize(),
                new Attention.Capacity(
                    size.positions(), rows, positions, capacity.rows(), size.pairs()),
                team)
            : null;
    combine = attends ? new Linear(network.layout(), Network.COMBINE, team) : null;
    DropoutSpec drop = spec.layers().dropout();
    double p = attends ? drop.output() : 0;
    dropout = new Dropout.OfSequences(p, drop.locked(), positions, rows, width);
    ids = new int[positions];
    x = new float[Math.multiplyExact(positions, inputs)];
    dx = new float[x.length];
    contexts = new float[attends ? Math.multiplyExact(positions, joined) : 0];
    contextGradient = new float[contexts.length];
    combined = new float[attends ? Math.multiplyExact(positions, width) : 0];
    outputs = dropout.isOn() ? new float[combined.length] : combined;
    hiddenGradient = new float[combined.length];
    state = new float[layers.stateSize(capacity.rows())];
  }

  private static DropoutSpec withoutOutput(DropoutSpec d) {
    return new DropoutSpec(d.embedding(), d.input(), d.between(), 0, d.weight(), d.locked());
  }

  void loadForward(float[] params) {
    this.params = params;
    bridge.load(params);
    rnn.loadForward(params);
    if (attention != null) {
      attention.load(params);
      combine.load(params);
    }
  }

  void loadBackward(float[] params) {
    rnn.loadBackward(params);
  }

  /**
   * Takes what was made of the sequences to write about, to be left alone until after {@link
   * #backward}.
   */
  void attach(Bridge.Read made) {
    read = made;
    if (attention != null) {
      attention.remember(read.y(), read.yo(), read.packing());
    }
  }

  /**
   * Runs over the given sequences of a batch.
   *
   * @param own which share of the tokens before a step are the decoder's own instead
   * @param head tells which those are
   */
  void forward(Batch batch, boolean training, double own, Head head, long key) {
    this.training = training;
    stepByStep = spec.inputFeeding() || own > 0;
    packing = batch.written();
    sources = batch.sources();
    tokenKey = RandomBits.key(key, TOKEN_SITE);
    bridge.forward(read, sources, packing.rows(), state);
    takeTokens(batch.labels());
    embed();
    if (attention != null) {
      attention.begin(packing, sources);
      if (training && dropout.isOn()) {
        dropout.draw(RandomBits.key(key, OUTPUT_SITE), packing);
      }
    }
    long layersKey = RandomBits.key(key, LAYERS_SITE);
    if (!stepByStep) {
      rnn.forward(x, distinct, packing, state, training, layersKey);
      look(0, packing.steps());
      return;
    }
    long ownKey = RandomBits.key(key, OWN_SITE);
    rnn.begin(x, packing, state, training, layersKey);
    for (int t = 0; t < packing.steps(); t++) {
      if (t > 0 && own > 0) {
        readOwn(t, own, head, ownKey);
      }
      if (spec.inputFeeding()) {
        feed(t);
      }
      rnn.step(t);
      look(t, t + 1);
    }
  }

  /** Takes the token before each step: the end of the last sequence, then those given. */
  private void takeTokens(int[] labels) {
    for (int t = 0; t < packing.steps(); t++) {
      int at = packing.at(t);
      for (int row = 0; row < packing.rowsAt(t); row++) {
        ids[at + row] = t == 0 ? spec.end() : labels[packing.at(t - 1) + row];
      }
    }
  }

  private void embed() {
    int n = packing.positions();
    distinct = !stepByStep && tokens != null && tokens.collect(ids, n) ? tokens : null;
    int count = distinct == null ? n : distinct.count();
    int[] embedded = distinct == null ? ids : distinct.ids();
    Embedding.forward(params, embedding, embedded, count, x, 0, inputs);
    dropTokens(x, 0, embedded, count);
  }

  private void dropTokens(float[] vectors, int at, int[] embedded, int count) {
    double p = layers.dropout().embedding();
    if (training && p > 0) {
      Embedding.drop(p, tokenKey, vectors, at, inputs, spec.embedding(), embedded, count);
    }
  }

  /**
   * Replaces some of the tokens before a step by those that the step before found most probable.
   */
  private void readOwn(int t, double own, Head head, long key) {
    int n = packing.rowsAt(t);
    int before = packing.at(t - 1);
    int size = Math.multiplyExact(n, spec.vocabulary());
    scores = scores.length < size ? new float[size] : scores;
    head.scores(output(), outputOffset() + before * width, n, scores);
    for (int row = 0; row < n; row++) {
      int p = packing.at(t) + row;
      if (RandomBits.uniform(key, p) < (float) own) {
        ids[p] = mostProbable(row * spec.vocabulary());
        ownToken[0] = ids[p];
        Embedding.forward(params, embedding, ownToken, 1, x, p * inputs, inputs);
        dropTokens(x, p * inputs, ownToken, 1);
      }
    }
  }

  private int mostProbable(int at) {
    int best = 0;
    for (int id = 1; id < spec.vocabulary(); id++) {
      best = scores[at + id] > scores[at + best] ? id : best;
    }
    return best;
  }

  /** Gives the layers what was made at the step before, zeros at the first. */
  private void feed(int t) {
    for (int row = 0; row < packing.rowsAt(t); row++) {
      int to = (packing.at(t) + row) * inputs + spec.embedding();
      if (t == 0) {
        Arrays.fill(x, to, to + width, 0f);
      } else {
        int from = outputOffset() + (packing.at(t - 1) + row) * width;
        System.arraycopy(output(), from, x, to, width);
      }
    }
  }

  /** Makes the outputs of the steps {@code [from, to)} of the layers' states. */
  private void look(int from, int to) {
    if (attention == null || from == to) {
      return;
    }
    int first = packing.at(from);
    int end = packing.at(to);
    for (int p = first; p < end; p++) {
      int h = rnn.outputOffset() + p * width;
      System.arraycopy(rnn.output(), h, contexts, p * joined, width);
    }
    attention.forward(contexts, from, to);
    combine.forward(contexts, first * joined, joined, end - first, combined, first * width);
    int n = (end - first) * width;
    Ops.tanh(combined, first * width, combined, first * width, n);
    if (dropout.isOn()) {
      System.arraycopy(combined, first * width, outputs, first * width, n);
      if (training) {
        dropout.apply(outputs, packing, from, to);
      }
    }
  }

  /** Returns the array of the outputs {@code [N, H]}, from {@link #outputOffset} on. */
  float[] output() {
    return attention == null ? rnn.output() : outputs;
  }

  /** Returns where the outputs of the last pass begin. */
  int outputOffset() {
    return attention == null ? rnn.outputOffset() : 0;
  }

  /**
   * Runs back over the last {@link #forward} in training.
   *
   * @param dOutput gradient of the outputs {@code [N, H]}; overwritten
   * @param dRead set to the gradients of what was made of the sequences
   */
  void backward(float[] dOutput, Bridge.Read dRead, Gradient into) {
    Arrays.fill(state, 0, layers.stateSize(packing.rows()), 0f);
    float[] dh = attention == null ? dOutput : hiddenGradient;
    if (attention != null) {
      attention.beginBackward();
    }
    if (stepByStep) {
      rnn.beginBackward(dh, dx, state, into);
      for (int t = packing.steps() - 1; t >= 0; t--) {
        if (spec.inputFeeding()) {
          feedBack(t, dOutput);
        }
        lookBack(t, t + 1, dOutput);
        rnn.stepBack(t);
      }
      rnn.endBackward();
    } else {
      lookBack(0, packing.steps(), dOutput);
      rnn.backward(dh, dx, state, into);
    }
    int count = distinct == null ? packing.positions() : distinct.count();
    int[] embedded = distinct == null ? ids : distinct.ids();
    if (embedding.trainable()) {
      dropTokens(dx, 0, embedded, count);
      Embedding.backward(dx, 0, inputs, embedding, embedded, count, into);
    }
    if (attention == null) {
      int size = read.packing().positions() * (joined - width);
      Arrays.fill(dRead.y(), 0, size, 0f);
    } else {
      combine.backwardWeights(contexts, 0, joined, dOutput, packing.positions(), into);
      attention.endBackward(dRead.y(), into);
    }
    bridge.backward(state, sources, packing.rows(), dRead, into);
  }

  /** Adds to the gradient of a step's outputs what comes from the next step, which read them. */
  private void feedBack(int t, float[] dOutput) {
    for (int row = 0; t + 1 < packing.steps() && row < packing.rowsAt(t + 1); row++) {
      int from = (packing.at(t + 1) + row) * inputs + spec.embedding();
      Ops.add(dx, from, dOutput, (packing.at(t) + row) * width, width);
    }
  }

  private void lookBack(int from, int to, float[] dOutput) {
    if (attention == null || from == to) {
      return;
    }
    if (dropout.isOn()) {
      dropout.apply(dOutput, packing, from, to);
    }
    int first = packing.at(from);
    int end = packing.at(to);
    for (int i = first * width; i < end * width; i++) {
      dOutput[i] *= 1 - combined[i] * combined[i];
    }
    int n = end - first;
    combine.backwardInputs(
        dOutput, first * width, n, contextGradient, first * joined, joined, false);
    attention.backward(contextGradient, from, to);
    for (int p = first; p < end; p++) {
      System.arraycopy(contextGradient, p * joined, hiddenGradient, p * width, width);
    }
  }

  /** Returns the floats that a row carries from step to step: the layers' state, and the output. */
  int rowSize() {
    return layers.stateSize(1) + (spec.inputFeeding() ? width : 0);
  }

  /**
   * Makes what the rows of a search carry before the first step, one row for every sequence.
   *
   * @param carried set to {@code [B, rowSize]}
   */
  void start(int rows, float[] carried) {
    int[] own = new int[rows];
    Arrays.setAll(own, row -> row);
    bridge.forward(read, own, rows, state);
    Arrays.fill(carried, 0, rows * rowSize(), 0f);
    moveState(carried, rows, false);
  }

  /**
   * Runs one step of some rows, without dropout; {@link #output} has what it makes.
   *
   * @param last the token before the step of each row
   * @param of the sequence that each row is about
   * @param carried what the rows carry {@code [R, rowSize]}, moved on
   */
  void step(int[] last, int[] of, int rows, float[] carried) {
    training = false;
    oneStep.setOneStep(rows);
    packing = oneStep;
    sources = of;
    Embedding.forward(params, embedding, last, rows, x, 0, inputs);
    int size = rowSize();
    for (int row = 0; spec.inputFeeding() && row < rows; row++) {
      int from = row * size + layers.stateSize(1);
      System.arraycopy(carried, from, x, row * inputs + spec.embedding(), width);
    }
    moveState(carried, rows, true);
    rnn.forward(x, null, packing, state, false, 0);
    if (attention != null) {
      attention.begin(packing, sources);
    }
    look(0, 1);
    moveState(carried, rows, false);
    for (int row = 0; spec.inputFeeding() && row < rows; row++) {
      int to = row * size + layers.stateSize(1);
      System.arraycopy(output(), outputOffset() + row * width, carried, to, width);
    }
  }

  /** Copies the layers' state between what rows carry and the form that layers have. */
  private void moveState(float[] carried, int rows, boolean in) {
    int slots = layers.cell().stateSlots();
    for (int layer = 0; layer < layers.layers(); layer++) {
      int h = layers.hiddenSize(layer);
      for (int slot = 0; slot < slots; slot++) {
        int own = layers.stateOffset(layer, 1) + slot * h;
        int all = layers.stateOffset(layer, rows) + slot * rows * h;
        for (int row = 0; row < rows; row++) {
          int at = row * rowSize() + own;
          if (in) {
            System.arraycopy(carried, at, state, all + row * h, h);
          } else {
            System.arraycopy(state, all + row * h, carried, at, h);
          }
        }
      }
    }
  }

  /** Returns the weights of a row's last step of a search; empty without attention. */
  float[] weights(int row) {
    if (attention == null) {
      return new float[0];
    }
    int at = attention.weightsAt(row, 0);
    return Arrays.copyOfRange(attention.weights(), at, at + attention.length(sources[row]));
  }

  long bytes() {
    return bridge.bytes()
        + rnn.bytes()
        + (attention == null ? 0 : attention.bytes())
        + (tokens == null ? 0 : tokens.bytes())
        + dropout.bytes()
        + 4L * (ids.length + scores.length + 2L * x.length + 2L * contexts.length + state.length)
        + 4L * (dropout.isOn() ? 3L : 2L) * combined.length;
  }
}
