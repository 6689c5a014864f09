// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

/**
 * What a language model is, without its numbers: embedding, recurrent stack, softmax over the
 * vocabulary.
 *
 * @param vocabulary V, the number of token ids
 * @param embedding E, the width of a token's vector
 * @param cell the recurrent cell
 * @param layers L, the number of recurrent layers
 * @param hidden H, the width of each layer
 * @param bias whether the recurrent layers and the output layer have biases
 * @param dropout probability of zeroing an element of the embedding's and of every layer's output,
 *     in training: all non-recurrent connections, as in Zaremba et al. 2014
 * @param tied whether the output layer shares the embedding's matrix (Press and Wolf 2017); needs E
 *     = H
 * @param learnedState whether the state before the first step is a parameter instead of zero
 */
public record ModelSpec(
    int vocabulary,
    int embedding,
    CellType cell,
    int layers,
    int hidden,
    boolean bias,
    double dropout,
    boolean tied,
    boolean learnedState)
    implements Serializable {

  public ModelSpec {
    if (vocabulary < 1) {
      throw new IllegalArgumentException("vocabulary must be positive but was " + vocabulary);
    }
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding must be positive but was " + embedding);
    }
    new RnnSpec(cell, embedding, hidden, layers, bias, dropout);
    if (tied && embedding != hidden) {
      throw new IllegalArgumentException(
          "tied weights need an embedding as wide as the hidden layer, but embedding is "
              + embedding
              + " and hidden is "
              + hidden);
    }
  }

  /** The recurrent stack of this model. */
  public RnnSpec rnn() {
    return new RnnSpec(cell, embedding, hidden, layers, bias, dropout);
  }
}
