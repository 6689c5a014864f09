// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;

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
}
