// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

/**
 * Reads the tokens of one row from any place on; to read on behind the last read costs least. Not
 * for use by two threads at a time.
 */
public interface TokenReader {
  /**
   * Copies the ids of the tokens {@code [from, from + count)} to the beginning of an array.
   *
   * @param from a position in the {@link TokenRun} that this is a reader of
   */
  void read(long from, int count, int[] into);
}
