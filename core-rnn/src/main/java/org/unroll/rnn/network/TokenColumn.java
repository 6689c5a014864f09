// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;

/**
 * A column of tokens that a reader sees, each as a learned or given vector.
 *
 * @param vocabulary V, the number of token ids
 * @param embedding E, the width of a token's vector
 * @param trainable whether training changes the vectors; not of given ones that are to stay
 */
public record TokenColumn(int vocabulary, int embedding, boolean trainable)
    implements Serializable {
  public TokenColumn {
    ReaderSpec.requirePositive("vocabulary", vocabulary);
    ReaderSpec.requirePositive("embedding", embedding);
  }

  /** A column whose vectors are learned. */
  public TokenColumn(int vocabulary, int embedding) {
    this(vocabulary, embedding, true);
  }
}
