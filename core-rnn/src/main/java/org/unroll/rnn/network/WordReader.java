// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.WordTable;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Embedding;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack;

/** A word reader makes a vector of every distinct word of a batch, character by character. */
final class WordReader {
  private final Param embedding;
  private final int characterWidth;
  private final int width;
  private final DistinctTokens tokens;
  private final RnnStack encoder;
  private final Pooling pooling;

  // The vectors of the characters, or of each once; and their gradients.
  private final float[] embedded;
  private final float[] embeddedGradient;
  private final float[] outputGradient;

  /** The vectors of the words {@code [U, W]}, then their gradients. */
  private final float[] vectors;

  private float[] params;
  private WordTable words;
  private DistinctTokens distinct;

  WordReader(InputSpec.WordSpec spec, ParamLayout layout, Pass.Size size, Team team) {
    embedding = layout.get(Network.WORD_EMBEDDING);
    characterWidth = spec.embedding();
    width = spec.width();
    int positions = size.characters();
    tokens = new DistinctTokens(spec.vocabulary(), positions);
    RnnSpec layer = spec.encoder();
    RnnStack.Capacity most = new RnnStack.Capacity(positions, size.words(), tokens.most());
    encoder = new RnnStack(layer, layout, Network.WORD_RNN, most, team);
    pooling = Pooling.of(spec.pooling(), layer, layout, Network.WORD_ATTENTION, most, team);
    embedded = new float[Math.multiplyExact(positions, spec.embedding())];
    embeddedGradient = new float[embedded.length];
    outputGradient = new float[Math.multiplyExact(positions, width)];
    vectors = new float[Math.multiplyExact(size.words(), width)];
  }

  void loadForward(float[] params) {
    this.params = params;
    encoder.loadForward(params);
    pooling.load(params);
  }

  void loadBackward(float[] params) {
    encoder.loadBackward(params);
  }

  /** Puts the words' vectors into columns of the positions, from {@code at} on. */
  void forward(WordTable words, int positions, float[] out, int at, int stride) {
    this.words = words;
    int n = words.packing().positions();
    distinct = tokens.collect(words.characters(), n) ? tokens : null;
    int[] ids = distinct == null ? words.characters() : tokens.ids();
    int count = distinct == null ? n : tokens.count();
    Embedding.forward(params, embedding, ids, count, embedded, 0, characterWidth);
    // No dropout is here, so that the pass for training is this one as well.
    encoder.forward(embedded, distinct, words.packing(), null, false, 0);
    pooling.forward(encoder.output(), encoder.outputOffset(), words.packing(), vectors);
    for (int p = 0; p < positions; p++) {
      System.arraycopy(vectors, words.wordOf()[p] * width, out, at + p * stride, width);
    }
  }

  /** Adds up the gradients of the words over the positions and runs back. */
  void backward(float[] dOut, int positions, int at, int stride, Gradient gradient) {
    Arrays.fill(vectors, 0, words.packing().rows() * width, 0f);
    for (int p = 0; p < positions; p++) {
      Ops.add(dOut, at + p * stride, vectors, words.wordOf()[p] * width, width);
    }
    pooling.backward(vectors, outputGradient, gradient);
    encoder.backward(outputGradient, embeddedGradient, null, gradient);
    int[] ids = distinct == null ? words.characters() : tokens.ids();
    int count = distinct == null ? words.packing().positions() : tokens.count();
    Embedding.backward(embeddedGradient, 0, characterWidth, embedding, ids, count, gradient);
  }

  long bytes() {
    return tokens.bytes()
        + encoder.bytes()
        + 4L * (2L * embedded.length + outputGradient.length + vectors.length);
  }
}
