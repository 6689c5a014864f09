// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

/** Files of word vectors that other programs read and write. */
public enum VectorFormat {
  /** word2vec's text: a line with V and D, then a word and its D numbers a line. */
  WORD2VEC,
  /** word2vec's binary form: the same first line; then a word, a blank, D little-endian floats. */
  WORD2VEC_BINARY,
  /** GloVe's: as word2vec's text without the first line. */
  GLOVE
}
