// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.train.Wire;

/** Turns segments into little-endian bytes, one buffer after the other. */
final class FloatEncoder {
  /** Numbers that are rounded at a time. */
  private static final int PIECE = 8192;

  private static final ThreadLocal<short[]> HALVES =
      ThreadLocal.withInitial(() -> new short[PIECE]);

  private final List<Segment> segments;
  private int segment;
  private int done;

  FloatEncoder(List<Segment> segments) {
    this.segments = segments;
  }

  /** Bytes of segments. */
  static long bytes(List<Segment> segments) {
    return segments.stream().mapToLong(s -> (long) s.size() * s.wire().bytes()).sum();
  }

  /** Puts as many numbers into a little-endian buffer as fit. */
  void fill(ByteBuffer out) {
    while (segment < segments.size()) {
      Segment s = segments.get(segment);
      int n = Math.min(s.size() - done, out.remaining() / s.wire().bytes());
      put(s, n, out);
      done += n;
      if (done < s.size()) {
        return;
      }
      segment++;
      done = 0;
    }
  }

  private void put(Segment s, int n, ByteBuffer out) {
    int from = s.from() + done;
    if (s.wire() == Wire.FP32) {
      out.asFloatBuffer().put(s.array(), from, n);
    } else {
      short[] halves = HALVES.get();
      for (int i = 0; i < n; i += PIECE) {
        int m = Math.min(PIECE, n - i);
        Ops.packBf16(s.array(), from + i, m, halves, 0);
        out.asShortBuffer().position(i).put(halves, 0, m);
      }
    }
    out.position(out.position() + n * s.wire().bytes());
  }
}
