// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * How the words of the steps are read character by character, in both directions, so that words
 * nobody has seen have a vector as well (Ling et al. 2015; Lample et al. 2016).
 *
 * @param vocabulary number of character ids
 * @param embedding width of a character's vector
 * @param hidden width of the state in each direction
 * @param pooling how a word's vector is made of what was read
 */
public record WordSpec(
    int vocabulary, int embedding, CellType cell, int hidden, PoolingType pooling)
    implements Serializable {
  public WordSpec {
    ReaderSpec.requirePositive("vocabulary of characters", vocabulary);
    ReaderSpec.requirePositive("embedding of characters", embedding);
    ReaderSpec.requirePositive("hidden size of words", hidden);
    if (pooling == null) {
      throw new IllegalArgumentException("a word's pooling is missing");
    }
  }

  /** The layer that reads. */
  EncoderSpec encoder() {
    return EncoderSpec.of(cell, embedding, hidden, 1).with(Direction.BOTH);
  }

  /** Width of a word's vector. */
  int width() {
    return 2 * hidden;
  }
}
