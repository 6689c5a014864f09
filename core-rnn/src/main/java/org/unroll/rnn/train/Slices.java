// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.Gradient;

/**
 * Slices are parts of whole blocks of the flat vector, which threads take in turns: whatever is
 * written of a sparse gradient is then spread over all of them.
 */
final class Slices {
  /** The number of blocks of a slice. */
  static final int BLOCKS = 128;

  /** The elements of a slice: 128 KiB, so that vectors of a few slices still fit the caches. */
  static final int SIZE = BLOCKS * Gradient.BLOCK;

  private Slices() {}

  static int count(int size) {
    return (size + SIZE - 1) / SIZE;
  }

  static int start(int slice) {
    return slice * SIZE;
  }

  /** Returns the end of a slice of a vector of this size. */
  static int end(int slice, int size) {
    return Math.min(size, start(slice) + SIZE);
  }
}
