// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.corpus.TokenSource;

/**
 * Random tokens in the place of a text, each as probable as any other: of a text more repeat, so
 * that an embedding's gradient has at most as many rows.
 */
record UniformTokens(int vocabulary, long tokens, long seed) implements TokenSource {
  @Override
  public int[] read(long from, long to) {
    long key = RandomBits.key(seed);
    int[] ids = new int[Math.toIntExact(to - from)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) (RandomBits.uniformDouble(key, from + i) * vocabulary);
    }
    return ids;
  }
}
