// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Packing;

/**
 * Dropout of the vectors of packed sequences, with a mask for every step or, locked, one for every
 * sequence.
 */
public final class SequenceDropout {
  private final Dropout dropout;
  private final boolean locked;
  private final int width;

  /** For sequences of at most {@code positions} steps in all, in {@code rows} rows. */
  public SequenceDropout(double p, boolean locked, int positions, int rows, int width) {
    this.locked = locked;
    this.width = width;
    int vectors = locked ? rows : positions;
    dropout = new Dropout(p, p > 0 ? Math.multiplyExact(vectors, width) : 0);
  }

  /** Whether elements are ever dropped. */
  public boolean isOn() {
    return dropout.isOn();
  }

  /** Draws the masks of a batch. */
  public void draw(long key, Packing packing) {
    dropout.draw(key, (locked ? packing.rows() : packing.positions()) * width);
  }

  /**
   * Multiplies the vectors of some steps, or their gradients {@code [N, width]}, with the masks.
   */
  public void apply(float[] x, int xo, Packing packing, int from, int to) {
    for (int t = from; t < to; t++) {
      int at = packing.at(t);
      dropout.apply(x, xo + at * width, locked ? 0 : at * width, packing.rowsAt(t) * width);
    }
  }

  /** Returns the bytes of the masks. */
  public long bytes() {
    return dropout.bytes();
  }
}
