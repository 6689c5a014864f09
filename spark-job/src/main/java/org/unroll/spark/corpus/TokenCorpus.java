// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import org.unroll.rnn.data.Vocabulary;

/** A text as one sequence of tokens, which workers read by themselves. */
public interface TokenCorpus {
  /** N, the number of tokens. */
  long tokens();

  /** Different for other text, but not for another place. */
  String hash();

  /**
   * The tokens {@code [from, to)}.
   *
   * @param vocabulary the ids
   */
  TokenSource source(Vocabulary vocabulary, long from, long to);
}
