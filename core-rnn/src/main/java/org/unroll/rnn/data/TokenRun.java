// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/** A contiguous run of tokens, in memory or wherever they can be read piece by piece. */
public interface TokenRun {
  /** N, the number of tokens. */
  long tokens();

  /** A reader that is only asked for the tokens {@code [from, to)}, mostly one behind the other. */
  TokenReader reader(long from, long to);

  /** Tokens in memory; the array is not copied. */
  static TokenRun of(int[] ids) {
    return new ArrayTokens(ids);
  }
}
