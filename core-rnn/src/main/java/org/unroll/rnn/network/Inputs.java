// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Embedding;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/**
 * The inputs are what the encoder reads: the vectors of the tokens, the numbers and the words side
 * by side, {@code [N, D]}; of one column of tokens alone every distinct vector once, {@code [U,
 * D]}.
 */
final class Inputs {
  private final InputSpec spec;
  private final List<Param> embeddings = new ArrayList<>();
  private final int width;
  private final double dropout;

  /** The tokens for embedding every one once, or null. */
  private final DistinctTokens tokens;

  private final WordReader words;
  final float[] vectors;
  final float[] gradient;
  private float[] params;
  private Batch batch;
  private DistinctTokens distinct;
  private long dropoutKey;

  Inputs(Network network, Pass.Size size, Team team) {
    spec = network.spec().inputs();
    width = spec.width();
    RnnSpec encoder = network.spec().encoder();
    dropout = encoder == null ? 0 : encoder.dropout().embedding();
    for (int c = 0; c < spec.columns().size(); c++) {
      embeddings.add(network.layout().get(Network.embedding(c)));
    }
    // A token is not read once if dropout tells its occurrences apart, or they are looked at.
    tokens =
        spec.isOneToken() && encoder != null && encoder.dropout().input() == 0
            ? new DistinctTokens(spec.columns().get(0).vocabulary(), size.positions())
            : null;
    words =
        spec.words() == null ? null : new WordReader(spec.words(), network.layout(), size, team);
    vectors = new float[Math.multiplyExact(size.positions(), width)];
    gradient = new float[spec.isTrainable() ? vectors.length : 0];
  }

  /** Returns the most vectors that stand for all occurrences of a token; 0 if none ever does. */
  int mostDistinct() {
    return tokens == null ? 0 : tokens.most();
  }

  void loadForward(float[] params) {
    this.params = params;
    if (words != null) {
      words.loadForward(params);
    }
  }

  void loadBackward(float[] params) {
    if (words != null) {
      words.loadBackward(params);
    }
  }

  /**
   * Puts the inputs of a batch into {@link #vectors}; returns the tokens if each was put there
   * once.
   */
  DistinctTokens forward(Batch batch, boolean training, long key) {
    this.batch = batch;
    dropoutKey = key;
    int n = batch.packing().positions();
    distinct = tokens != null && tokens.collect(batch.tokens(0), n) ? tokens : null;
    int at = 0;
    for (int c = 0; c < embeddings.size(); c++) {
      Param weight = embeddings.get(c);
      Embedding.forward(params, weight, ids(c), count(n), vectors, at, width);
      if (training && dropout > 0) {
        dropTokens(vectors, c, at, n);
      }
      at += weight.shape().get(1);
    }
    int features = spec.features();
    for (int p = 0; features > 0 && p < n; p++) {
      System.arraycopy(batch.features(), p * features, vectors, at + p * width, features);
    }
    if (words != null) {
      words.forward(batch.words(), n, vectors, at + features, width);
    }
    return distinct;
  }

  /** Puts the vectors of tokens, one a position, into {@link #vectors}; of one column alone. */
  void embed(int[] ids, int n) {
    if (!spec.isOneToken()) {
      throw new IllegalStateException(
          "a step is one token only where the network reads nothing else");
    }
    Embedding.forward(params, embeddings.get(0), ids, n, vectors, 0, width);
  }

  private int[] ids(int column) {
    return distinct == null ? batch.tokens(column) : distinct.ids();
  }

  private int count(int positions) {
    return distinct == null ? positions : distinct.count();
  }

  /** Drops tokens, each with all its occurrences in the batch. */
  private void dropTokens(float[] x, int column, int at, int positions) {
    long key = RandomBits.key(dropoutKey, column);
    int size = embeddings.get(column).shape().get(1);
    Embedding.drop(dropout, key, x, at, width, size, ids(column), count(positions));
  }

  /** Returns whether the encoder's gradient of the inputs is of any use. */
  boolean wantGradient() {
    return gradient.length > 0;
  }

  /** Runs back over the last training pass from {@link #gradient}. */
  void backward(Gradient into) {
    int n = batch.packing().positions();
    int at = 0;
    for (int c = 0; c < embeddings.size(); c++) {
      Param weight = embeddings.get(c);
      if (weight.trainable()) {
        if (dropout > 0) {
          dropTokens(gradient, c, at, n);
        }
        Embedding.backward(gradient, at, width, weight, ids(c), count(n), into);
      }
      at += weight.shape().get(1);
    }
    if (words != null) {
      words.backward(gradient, n, at + spec.features(), width, into);
    }
  }

  long bytes() {
    return (tokens == null ? 0 : tokens.bytes())
        + (words == null ? 0 : words.bytes())
        + 4L * (vectors.length + gradient.length);
  }
}
