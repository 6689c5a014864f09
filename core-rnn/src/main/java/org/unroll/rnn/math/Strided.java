// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * A matrix as a view of an array: element (i, j) is at {@code offset + i * rowStride + j *
 * columnStride}. A stride of 0 makes all rows, or all columns, the same.
 */
record Strided(float[] data, int offset, int rowStride, int columnStride) {

  /** The index of element (i, j). */
  int at(int i, int j) {
    return offset + i * rowStride + j * columnStride;
  }

  /** The view whose element (0, 0) is this one's (i, j). */
  Strided from(int i, int j) {
    return new Strided(data, at(i, j), rowStride, columnStride);
  }
}
