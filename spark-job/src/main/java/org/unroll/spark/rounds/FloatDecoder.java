// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.math.Bf16;
import org.unroll.rnn.train.Wire;

/**
 * Fills segments from the bytes that {@link FloatEncoder} made of segments of the same sizes. They
 * come in buffers of any size, which may end within a number. The next segment is asked for when
 * the one before is full, so that it may be a buffer that is used again.
 */
public final class FloatDecoder {
  private final Iterator<Iterator<Segment>> sources;
  private Iterator<Segment> source = List.<Segment>of().iterator();
  private Segment segment;
  private int done;

  /** The beginning of a number or a piece whose end is still to come. */
  private final ByteBuffer split =
      ByteBuffer.allocate(Bf16.PIECE * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);

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
      if (split.position() > 0 || in.remaining() < unitBytes()) {
        complete(in, unitBytes());
      } else {
        get(in);
      }
    }
  }

  /** Bytes that only make sense together. */
  private int unitBytes() {
    return segment.wire() == Wire.FP32 ? Float.BYTES : segment.pieceAt(done) * Short.BYTES;
  }

  /** Puts together what two buffers share. */
  private void complete(ByteBuffer in, int bytes) {
    int n = Math.min(in.remaining(), bytes - split.position());
    split.put(split.position(), in, in.position(), n).position(split.position() + n);
    in.position(in.position() + n);
    if (split.position() == bytes) {
      split.flip();
      get(split);
      split.clear();
    }
  }

  /** Takes at least one unit. */
  private void get(ByteBuffer in) {
    int at = segment.from() + done;
    if (segment.wire() == Wire.FP32) {
      int n = Math.min(segment.size() - done, in.remaining() / Float.BYTES);
      in.asFloatBuffer().get(segment.array(), at, n);
      in.position(in.position() + n * Float.BYTES);
      done += n;
    } else {
      int n = segment.pieceAt(done);
      if (n == 1) {
        segment.array()[at] = Bf16.toFloat(in.getShort());
      } else {
        Bf16.unpack(in, segment.array(), at, n);
      }
      done += n;
    }
    advance();
  }
}
