// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * An input is what a network sees of every step, side by side: the vectors of its tokens, its
 * numbers, and what was read of its word.
 *
 * @param columns of tokens; none for numbers alone
 * @param features D, numbers of every step; 0 for tokens alone
 * @param words how the characters of the words are read, or null
 */
public record InputSpec(List<TokenColumn> columns, int features, WordSpec words)
    implements Serializable {

  /**
   * A column of tokens, each of which is seen as a learned or given vector.
   *
   * @param vocabulary V, the number of token ids
   * @param embedding E, the width of a token's vector
   * @param trainable whether training changes the vectors; not of given ones that are to stay
   */
  public record TokenColumn(int vocabulary, int embedding, boolean trainable)
      implements Serializable {
    public TokenColumn {
      Checks.positive("vocabulary", vocabulary);
      Checks.positive("embedding", embedding);
    }

    /** Makes a column whose vectors are learned. */
    public TokenColumn(int vocabulary, int embedding) {
      this(vocabulary, embedding, true);
    }
  }

  /**
   * A word is read character by character, in both directions, so that words nobody has seen have a
   * vector as well (Ling et al. 2015; Lample et al. 2016).
   *
   * @param vocabulary number of character ids
   * @param embedding width of a character's vector
   * @param hidden width of the state in each direction
   * @param pooling how a word's vector is made of what was read
   */
  public record WordSpec(
      int vocabulary, int embedding, CellType cell, int hidden, Pooling.Type pooling)
      implements Serializable {
    public WordSpec {
      Checks.positive("vocabulary of characters", vocabulary);
      Checks.positive("embedding of characters", embedding);
      Checks.positive("hidden size of words", hidden);
      if (pooling == null) {
        throw new IllegalArgumentException("a word's pooling is missing");
      }
    }

    /** Returns the layer that reads characters. */
    public RnnSpec encoder() {
      return RnnSpec.of(cell, embedding, hidden, 1).with(Direction.BOTH);
    }

    /** Returns the width of a word's vector. */
    public int width() {
      return 2 * hidden;
    }
  }

  public InputSpec {
    columns = List.copyOf(columns);
    if (features < 0) {
      throw new IllegalArgumentException("features must not be negative but were " + features);
    }
    if (columns.isEmpty() && features == 0 && words == null) {
      throw new IllegalArgumentException("there is nothing to read: no tokens and no features");
    }
  }

  /** Returns the input of one column of tokens whose vectors are learned. */
  public static InputSpec ofTokens(int vocabulary, int embedding) {
    return new InputSpec(List.of(new TokenColumn(vocabulary, embedding)), 0, null);
  }

  /** Returns the same inputs of as many tokens and characters as others. */
  InputSpec withSizesOf(InputSpec other) {
    List<TokenColumn> sized = new ArrayList<>(columns);
    for (int c = 0; c < Math.min(sized.size(), other.columns.size()); c++) {
      TokenColumn own = sized.get(c);
      int tokens = other.columns.get(c).vocabulary();
      sized.set(c, new TokenColumn(tokens, own.embedding(), own.trainable()));
    }
    WordSpec read = words;
    if (words != null && other.words != null) {
      int characters = other.words.vocabulary();
      read =
          new WordSpec(
              characters, words.embedding(), words.cell(), words.hidden(), words.pooling());
    }
    return new InputSpec(sized, features, read);
  }

  /** Returns the width of all of it. */
  public int width() {
    return columns.stream().mapToInt(TokenColumn::embedding).sum()
        + features
        + (words == null ? 0 : words.width());
  }

  /** Returns whether a step's input is a function of one token. */
  boolean isOneToken() {
    return columns.size() == 1 && features == 0 && words == null;
  }

  /** Returns whether anything of the inputs is trained. */
  boolean isTrainable() {
    return words != null || columns.stream().anyMatch(TokenColumn::trainable);
  }
}
