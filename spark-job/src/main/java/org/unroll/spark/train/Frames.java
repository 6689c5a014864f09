// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Floats as frames of bounded size: an {@code int} that says so, then little-endian fp32 numbers.
 * The buffers are used again, so all receivers must have read the frames before the next {@link
 * #encode}.
 */
final class Frames {
  /** First number of every frame of floats. */
  static final int FLOATS = 0x464C5401;

  private final int floatsPerFrame;
  private final List<ByteBuffer> buffers = new ArrayList<>();

  Frames(int bytes) {
    floatsPerFrame = bytes / Float.BYTES - 1;
  }

  /** The arrays, one behind the other; no frames for no floats. */
  List<ByteBuffer> encode(List<float[]> arrays) {
    long left = arrays.stream().mapToLong(a -> a.length).sum();
    List<ByteBuffer> frames = new ArrayList<>();
    ByteBuffer frame = null;
    for (float[] array : arrays) {
      for (int from = 0; from < array.length; ) {
        if (frame == null || !frame.hasRemaining()) {
          frame = begin(frames.size(), (int) Math.min(left, floatsPerFrame));
          frames.add(frame);
        }
        int n = Math.min(array.length - from, frame.remaining() / Float.BYTES);
        frame.asFloatBuffer().put(array, from, n);
        frame.position(frame.position() + n * Float.BYTES);
        from += n;
        left -= n;
      }
    }
    frames.forEach(ByteBuffer::flip);
    return frames;
  }

  private ByteBuffer begin(int index, int floats) {
    int bytes = Integer.BYTES + floats * Float.BYTES;
    if (index == buffers.size()) {
      buffers.add(allocate(bytes));
    } else if (buffers.get(index).capacity() < bytes) {
      buffers.set(index, allocate(bytes));
    }
    return buffers.get(index).clear().limit(bytes).putInt(FLOATS);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
