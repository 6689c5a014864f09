// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/** Which way recurrent layers read their sequences. */
public enum Direction {
  /** From the first step to the last. */
  FORWARD(1),
  /** From the last step to the first (Sutskever et al. 2014): outputs stay at their steps. */
  REVERSE(1),
  /** Both, with the outputs side by side (Schuster and Paliwal 1997). */
  BOTH(2);

  private final int count;

  Direction(int count) {
    this.count = count;
  }

  /** How many layers stand side by side: 1 or 2. */
  public int count() {
    return count;
  }

  /** Whether the first or second of the layers reads from the end. */
  boolean readsBack(int index) {
    return this == REVERSE || index == 1;
  }
}
