// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/** A direction is the way in which recurrent layers read their sequences. */
public enum Direction {
  /** Layers read from the first step to the last. */
  FORWARD(1),
  /**
   * Layers read from the last step to the first (Sutskever et al. 2014); outputs keep their steps.
   */
  REVERSE(1),
  /** Layers read both ways, with the outputs side by side (Schuster and Paliwal 1997). */
  BOTH(2);

  private final int count;

  Direction(int count) {
    this.count = count;
  }

  /** Returns how many layers stand side by side: 1 or 2. */
  public int count() {
    return count;
  }

  /** Returns whether the first or second of the layers reads from the end. */
  boolean readsBack(int index) {
    return this == REVERSE || index == 1;
  }
}
