// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;

/**
 * A window of tokens for several sequences, time-major: element {@code (t, b)} is at {@code t *
 * rows + b}. The arrays are filled anew for every window; {@link #reshape} never allocates when the
 * capacity suffices.
 */
public final class Batch {
  /** A target that is not scored: padding, or an end that has no successor. */
  public static final int MASKED = -1;

  private int steps;
  private int rows;
  private int[] inputs = new int[0];
  private int[] targets = new int[0];
  private int[] lengths = new int[0];

  /**
   * Sets the shape to {@code steps} x {@code rows}; contents are undefined afterwards, lengths are
   * {@code steps}.
   */
  public void reshape(int steps, int rows) {
    if (steps < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "a batch cannot have " + steps + " steps and " + rows + " rows");
    }
    this.steps = steps;
    this.rows = rows;
    int size = Math.multiplyExact(steps, rows);
    if (inputs.length < size) {
      inputs = new int[size];
      targets = new int[size];
    }
    if (lengths.length < rows) {
      lengths = new int[rows];
    }
    Arrays.fill(lengths, 0, rows, steps);
  }

  /** T, the number of time steps. */
  public int steps() {
    return steps;
  }

  /** B, the number of sequences. */
  public int rows() {
    return rows;
  }

  /** Token ids {@code [T, B]}; at padded steps any valid id. */
  public int[] inputs() {
    return inputs;
  }

  /** Target ids {@code [T, B]}, {@link #MASKED} where nothing is to be predicted. */
  public int[] targets() {
    return targets;
  }

  /**
   * Steps of each row {@code [B]}, at most T: later steps are padding, which leaves the state
   * alone.
   */
  public int[] lengths() {
    return lengths;
  }

  /** Whether every row fills all T steps. */
  public boolean isFull() {
    for (int b = 0; b < rows; b++) {
      if (lengths[b] != steps) {
        return false;
      }
    }
    return true;
  }
}
