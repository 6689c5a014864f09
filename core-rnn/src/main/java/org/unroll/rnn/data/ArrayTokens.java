// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/** Tokens in memory, which any number of rows can read. */
record ArrayTokens(int[] ids) implements TokenRun, TokenReader {
  @Override
  public long tokens() {
    return ids.length;
  }

  @Override
  public TokenReader reader(long from, long to) {
    return this;
  }

  @Override
  public void read(long from, int count, int[] into) {
    System.arraycopy(ids, Math.toIntExact(from), into, 0, count);
  }
}
