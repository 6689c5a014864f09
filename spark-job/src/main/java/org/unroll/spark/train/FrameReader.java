// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** Fills arrays from the frames that {@link Frames} made of arrays of the same sizes. */
final class FrameReader {
  private List<float[]> arrays = List.of();
  private int array;
  private int filled;

  /** Starts anew, with arrays to be filled one behind the other. */
  void expect(List<float[]> arrays) {
    this.arrays = arrays;
    array = 0;
    filled = 0;
    skipFull();
  }

  /** Whether all arrays are full. */
  boolean isComplete() {
    return array == arrays.size();
  }

  /**
   * Takes a frame's numbers from its position on.
   *
   * @throws IllegalStateException if there are more than expected
   */
  void read(ByteBuffer frame) {
    FloatBuffer floats = frame.asFloatBuffer();
    while (floats.hasRemaining()) {
      if (isComplete()) {
        throw new IllegalStateException(floats.remaining() + " floats more than expected came");
      }
      float[] target = arrays.get(array);
      int n = Math.min(floats.remaining(), target.length - filled);
      floats.get(target, filled, n);
      filled += n;
      skipFull();
    }
  }

  private void skipFull() {
    while (array < arrays.size() && filled == arrays.get(array).length) {
      array++;
      filled = 0;
    }
  }
}
