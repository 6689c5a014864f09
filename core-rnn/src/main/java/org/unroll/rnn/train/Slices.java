// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/**
 * The flat vector in slices of whole blocks, which threads take in turns: whatever is written of a
 * sparse gradient is then spread over all of them.
 */
final class Slices {
  /** Blocks of a slice. */
  static final int BLOCKS = 128;

  /** Elements of a slice: 128 KiB, so that vectors of a few slices still fit the caches. */
  static final int SIZE = BLOCKS * Gradient.BLOCK;

  private Slices() {}

  /** How many slices a vector has. */
  static int count(int size) {
    return (size + SIZE - 1) / SIZE;
  }

  /** The first element of a slice. */
  static int start(int slice) {
    return slice * SIZE;
  }

  /** The end of a slice of a vector of this size. */
  static int end(int slice, int size) {
    return Math.min(size, start(slice) + SIZE);
  }
}
