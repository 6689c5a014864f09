// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import org.unroll.rnn.data.TokenRun;

/** A run of tokens that any worker can read a part of; small, whatever the size of the data. */
public interface TokenSource extends Serializable {
  /** N, the number of tokens. */
  long tokens();

  /**
   * Ids of the tokens {@code [from, to)}, in this source's own numbering.
   *
   * @throws org.unroll.rnn.io.InputException if the data cannot be read any more or has a token
   *     without an id
   */
  int[] read(long from, long to);

  /**
   * The tokens {@code [from, to)}, to be read row by row. In memory, all of them, unless the source
   * can be read from any place: then what is read next, a piece at a time.
   *
   * @param pieceTokens the most tokens of a piece
   * @throws org.unroll.rnn.io.InputException as {@link #read}, now or while the rows are read
   */
  default TokenRun open(long from, long to, int pieceTokens) {
    return TokenRun.of(read(from, to));
  }

  /** Bytes of memory that so many tokens take once {@link #open}, in so many rows. */
  default long bytes(long tokens, int rows, int pieceTokens) {
    return Integer.BYTES * tokens;
  }
}
