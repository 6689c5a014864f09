// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;

/** Finds the part that a position is in, where parts follow one another. */
final class Starts {
  private Starts() {}

  /**
   * The part that holds a position; parts may be empty.
   *
   * @param starts where each part begins, and behind them where the last one ends
   * @param position before that end
   */
  static int find(long[] starts, long position) {
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
