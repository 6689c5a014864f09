// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;
import org.unroll.rnn.data.TokenRun;

/** A run of tokens that any worker can read a part of; small, whatever the size of the data. */
public interface TokenSource extends Serializable {
  /** Returns N, the number of tokens. */
  long tokens();

  /**
   * Returns the ids of the tokens {@code [from, to)}, in this source's own numbering.
   *
   * @throws org.unroll.rnn.io.InputException if the data cannot be read any more or has a token
   *     without an id
   */
  int[] read(long from, long to);

  /**
   * Opens the tokens {@code [from, to)}, to be read stream by stream. In memory, all of them,
   * unless the source can be read from any place: then what is read next, a piece at a time.
   *
   * @param pieceTokens the most tokens of a piece
   * @throws org.unroll.rnn.io.InputException as {@link #read}, now or while they are read
   */
  default TokenRun open(long from, long to, int pieceTokens) {
    return TokenRun.of(read(from, to));
  }

  /** Returns the bytes of memory that so many tokens take once {@link #open}, in so many rows. */
  default long bytes(long tokens, int rows, int pieceTokens) {
    return Integer.BYTES * tokens;
  }

  /** Refuses the tokens {@code [from, to)} unless they are among those of a corpus or source. */
  static void requireWithin(long from, long to, long tokens, String what) {
    if (from < 0 || from > to || to > tokens) {
      throw new IllegalArgumentException(
          "tokens [" + from + ", " + to + ") are not within the " + tokens + " of " + what);
    }
  }

  /** Returns how many tokens {@code [from, to)} are, which are here and fit into an array. */
  default int length(long from, long to) {
    requireWithin(from, to, tokens(), "this source");
    if (to - from > Integer.MAX_VALUE - Long.BYTES) {
      throw new IllegalArgumentException(
          "one array cannot hold the " + (to - from) + " tokens of a shard; use more shards");
    }
    return (int) (to - from);
  }
}
