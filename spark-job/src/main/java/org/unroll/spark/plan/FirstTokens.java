// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.plan;

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
}
