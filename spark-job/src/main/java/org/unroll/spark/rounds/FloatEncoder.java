// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.List;
import org.unroll.rnn.math.Bf16;
import org.unroll.rnn.train.Wire;

/**
 * Turns segments into little-endian bytes, one buffer after the other. Numbers of 16 bits come in
 * pieces, as {@link Bf16} packs them, and the last of an odd number by itself.
 */
public final class FloatEncoder {
  private final List<Segment> segments;
  private int segment;
  private int done;

  /** An encoder that has put nothing yet. */
  public FloatEncoder(List<Segment> segments) {
    this.segments = segments;
  }

  /** Bytes of segments. */
  public static long bytes(List<Segment> segments) {
    return segments.stream().mapToLong(s -> (long) s.size() * s.wire().bytes()).sum();
  }

  /** Puts as many numbers into a little-endian buffer as fit. */
  public void fill(ByteBuffer out) {
    while (segment < segments.size()) {
      Segment s = segments.get(segment);
      int n = s.wire() == Wire.FP32 ? putFloats(s, out) : putHalves(s, out);
      done += n;
      if (done == s.size()) {
        segment++;
        done = 0;
      } else if (n == 0) {
        return;
      }
    }
  }

  private int putFloats(Segment s, ByteBuffer out) {
    int n = Math.min(s.size() - done, out.remaining() / Float.BYTES);
    out.asFloatBuffer().put(s.array(), s.from() + done, n);
    out.position(out.position() + n * Float.BYTES);
    return n;
  }

  private int putHalves(Segment s, ByteBuffer out) {
    int n = s.pieceAt(done);
    if (out.remaining() < n * Short.BYTES) {
      return 0;
    }
    if (n == 1) {
      out.putShort(Bf16.of(s.array()[s.from() + done]));
    } else {
      Bf16.pack(s.array(), s.from() + done, n, out);
    }
    return n;
  }
}
