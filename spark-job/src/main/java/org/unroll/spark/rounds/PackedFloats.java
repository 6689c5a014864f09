// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Packed floats are the bytes of segments in memory, which any serializer of Spark writes fast;
 * they are the same bytes as those of {@link OutgoingFloats}. They are kept in chunks, so that no
 * limit of an array bounds a model.
 */
final class PackedFloats implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The bytes of a chunk, fewer than what a garbage collector treats as a large array. */
  private static final int CHUNK = 256 << 10;

  private final byte[][] chunks;

  /** Copies segments, rounded as they say. */
  PackedFloats(List<Segment> segments) {
    Segment.Encoder encoder = new Segment.Encoder(segments);
    List<byte[]> filled = new ArrayList<>();
    for (long left = Segment.bytes(segments); left > 0; ) {
      byte[] chunk = new byte[(int) Math.min(CHUNK, left)];
      ByteBuffer out = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
      encoder.fill(out);
      // A piece that does not fit any more begins the next chunk.
      filled.add(out.hasRemaining() ? Arrays.copyOf(chunk, out.position()) : chunk);
      left -= out.position();
    }
    chunks = filled.toArray(byte[][]::new);
  }

  /**
   * Gives all bytes to a decoder of segments of the sizes that were packed.
   *
   * @throws IllegalStateException if they are of other sizes
   */
  void unpack(Segment.Decoder into) {
    for (byte[] chunk : chunks) {
      into.read(ByteBuffer.wrap(chunk));
    }
    if (!into.isComplete()) {
      throw new IllegalStateException("fewer numbers were packed than expected");
    }
  }
}
