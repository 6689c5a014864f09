// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.unroll.rnn.data.TokenRun;
import org.unroll.spark.corpus.TokenSource;

/** The beginning of a source, so that an epoch of a long text is a short measurement. */
record FirstTokens(TokenSource source, long most) implements TokenSource {
  @Override
  public long tokens() {
    return Math.min(most, source.tokens());
  }

  @Override
  public int[] read(long from, long to) {
    return source.read(from, to);
  }

  @Override
  public TokenRun open(long from, long to, int pieceTokens) {
    return source.open(from, to, pieceTokens);
  }

  @Override
  public long bytes(long tokens, int rows, int pieceTokens) {
    return source.bytes(tokens, rows, pieceTokens);
  }
}
