// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * The places of the steps of sequences of different lengths that are packed without padding, as by
 * PyTorch's {@code pack_padded_sequence}: the longest sequence is row 0, so that the rows which
 * reach a step are the first ones, and step follows step. N positions in all.
 *
 * <pre>
 *   lengths 3 2 2 1:   t = 0: rows 0 1 2 3   t = 1: rows 0 1 2   t = 2: row 0
 *                      position 0 1 2 3              4 5 6              7
 * </pre>
 */
public final class Packing {
  private int rows;
  private int steps;
  private int[] lengths = new int[0];
  private int[] offsets = new int[1];
  private int[] mirror = new int[0];

  /**
   * Takes the lengths of sequences; arrays grow when they must.
   *
   * @param lengths of the first {@code rows} sequences, longest first; 0 for one without a step
   * @throws IllegalArgumentException if a sequence is longer than the one before it
   */
  public void set(int[] lengths, int rows) {
    this.rows = rows;
    steps = rows == 0 ? 0 : lengths[0];
    if (this.lengths.length < rows) {
      this.lengths = new int[rows];
    }
    if (offsets.length <= steps) {
      offsets = new int[steps + 1];
    }
    System.arraycopy(lengths, 0, this.lengths, 0, rows);
    for (int b = 0; b < rows; b++) {
      if (lengths[b] < 0 || b > 0 && lengths[b] > lengths[b - 1]) {
        throw new IllegalArgumentException(
            "sequences must come longest first, but number %d has %d steps after one of %d"
                .formatted(b, lengths[b], b == 0 ? 0 : lengths[b - 1]));
      }
    }
    int reaching = rows;
    offsets[0] = 0;
    for (int t = 0; t < steps; t++) {
      while (lengths[reaching - 1] <= t) {
        reaching--;
      }
      offsets[t + 1] = Math.addExact(offsets[t], reaching);
    }
    setMirror();
  }

  /** Takes {@code rows} sequences of one step each. */
  public void setOneStep(int rows) {
    if (rows != this.rows || steps != 1 || positions() != rows) {
      int[] ones = new int[rows];
      Arrays.fill(ones, 1);
      set(ones, rows);
    }
  }

  private void setMirror() {
    if (mirror.length < positions()) {
      mirror = new int[positions()];
    }
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < rowsAt(t); b++) {
        mirror[at(t) + b] = at(lengths[b] - 1 - t) + b;
      }
    }
  }

  /** Returns B, the number of sequences. */
  public int rows() {
    return rows;
  }

  /** Returns T, the steps of the longest sequence. */
  public int steps() {
    return steps;
  }

  /** Returns N, the steps of all sequences together. */
  public int positions() {
    return offsets[steps];
  }

  /** Steps of a sequence. */
  public int length(int row) {
    return lengths[row];
  }

  /** Returns how many sequences reach step t. */
  public int rowsAt(int t) {
    return offsets[t + 1] - offsets[t];
  }

  /** Returns the position of step t of row 0. */
  public int at(int t) {
    return offsets[t];
  }

  /** Returns the position of a sequence's last step. */
  public int lastOf(int row) {
    return offsets[lengths[row] - 1] + row;
  }

  /** Returns where every step begins, and N behind the last: {@code [T + 1]}, the array itself. */
  public int[] offsets() {
    return offsets;
  }

  /**
   * Returns for every position that of the same sequence read from its end: {@code [N]}, the array
   * itself.
   */
  public int[] mirror() {
    return mirror;
  }

  /** Copies the vectors {@code [N, width]} of sequences as read from their ends. */
  public void mirror(float[] x, int xo, float[] to, int at, int width) {
    for (int p = 0; p < positions(); p++) {
      System.arraycopy(x, xo + mirror[p] * width, to, at + p * width, width);
    }
  }
}
