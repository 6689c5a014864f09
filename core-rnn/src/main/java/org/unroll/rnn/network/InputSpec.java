// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.List;

/**
 * What a reader sees of every step, side by side: the vectors of its tokens, its numbers, and what
 * was read of its word.
 *
 * @param columns of tokens; none for numbers alone
 * @param features D, numbers of every step; 0 for tokens alone
 * @param words how the characters of the words are read, or null
 */
public record InputSpec(List<TokenColumn> columns, int features, WordSpec words)
    implements Serializable {
  public InputSpec {
    columns = List.copyOf(columns);
    if (features < 0) {
      throw new IllegalArgumentException("features must not be negative but were " + features);
    }
    if (columns.isEmpty() && features == 0 && words == null) {
      throw new IllegalArgumentException("there is nothing to read: no tokens and no features");
    }
  }

  /** Tokens of one column. */
  public static InputSpec ofTokens(int vocabulary, int embedding) {
    return new InputSpec(List.of(new TokenColumn(vocabulary, embedding)), 0, null);
  }

  /** Vectors of numbers. */
  public static InputSpec ofFeatures(int features) {
    return new InputSpec(List.of(), features, null);
  }

  /** Width of all of it. */
  public int width() {
    return columns.stream().mapToInt(TokenColumn::embedding).sum()
        + features
        + (words == null ? 0 : words.width());
  }

  /** Whether a step's input is a function of one token. */
  boolean isOneToken() {
    return columns.size() == 1 && features == 0 && words == null;
  }

  /** Whether anything of the inputs is trained. */
  boolean isTrainable() {
    return words != null || columns.stream().anyMatch(TokenColumn::trainable);
  }
}
