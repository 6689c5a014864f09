// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import org.unroll.rnn.data.Vocabulary;

/** A text as one sequence of tokens, which workers read by themselves. */
public interface TokenCorpus {
  /** Returns N, the number of tokens. */
  long tokens();

  /** Returns a text that is different for other content, but not for another place of it. */
  String hash();

  /** Returns how many tokens a vocabulary does not have. */
  long unknown(Vocabulary vocabulary);

  /**
   * Returns the tokens {@code [from, to)}.
   *
   * @param vocabulary the ids
   */
  TokenSource source(Vocabulary vocabulary, long from, long to);

  /**
   * Returns the part that holds a position, where parts follow one another; parts may be empty.
   *
   * @param starts where each part begins, and behind them where the last one ends
   * @param position before that end
   */
  static int partOf(long[] starts, long position) {
    int found = Arrays.binarySearch(starts, position);
    if (found < 0) {
      return -found - 2;
    }
    while (starts[found + 1] == position) {
      found++;
    }
    return found;
  }
}
