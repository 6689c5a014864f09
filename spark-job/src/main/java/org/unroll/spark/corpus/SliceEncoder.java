// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

/** Makes ids of slices of text. */
abstract class SliceEncoder {
  /** A slice of byte pairs has 64 bytes at most. */
  static final int MOST_IDS = 64;

  private final int[] ids = new int[MOST_IDS];

  /**
   * Puts the ids of a slice into {@link #ids}; -1 for a token without one.
   *
   * @return how many there are
   */
  abstract int encode(byte[] text, int from, int to);

  final int[] ids() {
    return ids;
  }
}
