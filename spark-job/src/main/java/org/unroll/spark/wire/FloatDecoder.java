// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.train.Wire;

/**
 * Fills segments from little-endian bytes that come in buffers of any size, which may end within a
 * number. The next segment is asked for when the one before is full, so that it may be a buffer
 * that is used again.
 */
public final class FloatDecoder {
  /** Numbers that are widened at a time. */
  private static final int PIECE = 8192;

  private static final ThreadLocal<short[]> HALVES =
      ThreadLocal.withInitial(() -> new short[PIECE]);

  private final Iterator<Iterator<Segment>> sources;
  private Iterator<Segment> source = List.<Segment>of().iterator();
  private Segment segment;
  private int done;

  /** The beginning of a number whose end is still to come. */
  private final ByteBuffer split = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** A decoder that fills what several sources give, one after the other. */
  public FloatDecoder(List<Iterator<Segment>> sources) {
    this.sources = sources.iterator();
    advance();
  }

  /** Moves on to the next segment that is not full. */
  private void advance() {
    while (segment == null || done == segment.size()) {
      done = 0;
      while (!source.hasNext()) {
        if (!sources.hasNext()) {
          segment = null;
          return;
        }
        source = sources.next();
      }
      segment = source.next();
    }
  }

  /** Whether everything has come. */
  public boolean isComplete() {
    return segment == null;
  }

  /**
   * Takes all bytes of a buffer.
   *
   * @throws IllegalStateException if they are more than expected
   */
  public void read(ByteBuffer bytes) {
    ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      if (segment == null) {
        throw new IllegalStateException(in.remaining() + " bytes more than expected came");
      }
      int width = segment.wire().bytes();
      if (split.position() > 0 || in.remaining() < width) {
        complete(in, width);
      } else {
        int n = Math.min(segment.size() - done, in.remaining() / width);
        get(in, n);
        in.position(in.position() + n * width);
        filled(n);
      }
    }
  }

  /** Puts a number together that two buffers share. */
  private void complete(ByteBuffer in, int width) {
    while (in.hasRemaining() && split.position() < width) {
      split.put(in.get());
    }
    if (split.position() == width) {
      split.flip();
      get(split, 1);
      split.clear();
      filled(1);
    }
  }

  private void get(ByteBuffer in, int n) {
    int at = segment.from() + done;
    if (segment.wire() == Wire.FP32) {
      in.asFloatBuffer().get(segment.array(), at, n);
      return;
    }
    short[] halves = HALVES.get();
    for (int i = 0; i < n; i += PIECE) {
      int m = Math.min(PIECE, n - i);
      in.asShortBuffer().position(i).get(halves, 0, m);
      Ops.unpackBf16(halves, 0, m, segment.array(), at + i);
    }
  }

  private void filled(int n) {
    done += n;
    advance();
  }
}
