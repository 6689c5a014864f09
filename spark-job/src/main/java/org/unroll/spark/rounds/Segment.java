// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.math.Bf16;
import org.unroll.rnn.train.Wire;

/**
 * A segment is a part of an array on its way in or out. An {@link Encoder} makes little-endian
 * bytes of segments, and a {@link Decoder} fills segments of the same sizes from them. Numbers of
 * 16 bits come in pieces, as {@link Bf16} packs them, and the last of an odd number by itself.
 *
 * @param array is neither copied nor changed by anybody while its numbers travel
 * @param from index of the first number
 * @param to behind the last
 * @param wire in which form they travel
 */
public record Segment(float[] array, int from, int to, Wire wire) {
  /** Returns the runs of an array as segments; see {@link Runs}. */
  public static List<Segment> of(float[] array, int[] runs, Wire wire) {
    List<Segment> segments = new ArrayList<>();
    for (int r = 0; r < runs.length; r += 2) {
      segments.add(new Segment(array, runs[r], runs[r + 1], wire));
    }
    return segments;
  }

  /** Returns a whole array as a segment. */
  public static Segment of(float[] array, Wire wire) {
    return new Segment(array, 0, array.length, wire);
  }

  /** Returns whole arrays as segments, in their exact numbers. */
  static List<Segment> of(List<float[]> arrays) {
    return arrays.stream().map(array -> of(array, Wire.FP32)).toList();
  }

  /** Returns how many bytes segments have on their way. */
  static long bytes(List<Segment> segments) {
    return segments.stream().mapToLong(s -> (long) s.size() * s.wire().bytes()).sum();
  }

  /** Gives segments to a decoder of segments of the same sizes, rounded as on their way. */
  static void copy(List<Segment> segments, Decoder into) {
    Encoder encoder = new Encoder(segments);
    for (long left = bytes(segments); left > 0; ) {
      ByteBuffer next = encoder.next((int) Math.min(Packed.CHUNK, left));
      left -= next.limit();
      into.read(next);
    }
  }

  int size() {
    return to - from;
  }

  /**
   * Returns how many numbers of 16 bits travel together when so many are done: up to the next
   * border of a piece, an even number of them or one. Borders are places in the array, so that both
   * ends find the same ones, also where one has runs and the other has slices of them.
   */
  private int pieceAt(int done) {
    int n = Math.min(Bf16.PIECE - (from + done) % Bf16.PIECE, size() - done);
    return n == 1 ? 1 : n & ~1;
  }

  /** An encoder turns segments into bytes, one buffer after the other. */
  static final class Encoder {
    private final List<Segment> segments;
    private int segment;
    private int done;

    Encoder(List<Segment> segments) {
      this.segments = segments;
    }

    /** Returns the numbers that come next in a buffer of their own, at most of so many bytes. */
    ByteBuffer next(int bytes) {
      ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      fill(out);
      return out.flip();
    }

    /** Puts as many numbers into a little-endian buffer as fit. */
    void fill(ByteBuffer out) {
      while (segment < segments.size()) {
        Segment s = segments.get(segment);
        int n = s.wire == Wire.FP32 ? putFloats(s, out) : putHalves(s, out);
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
      out.asFloatBuffer().put(s.array, s.from + done, n);
      out.position(out.position() + n * Float.BYTES);
      return n;
    }

    private int putHalves(Segment s, ByteBuffer out) {
      int n = s.pieceAt(done);
      if (out.remaining() < n * Short.BYTES) {
        return 0;
      }
      if (n == 1) {
        out.putShort(Bf16.of(s.array[s.from + done]));
      } else {
        Bf16.pack(s.array, s.from + done, n, out);
      }
      return n;
    }
  }

  /**
   * A decoder fills segments from bytes, which come in buffers of any size that may end within a
   * number. The next segment is asked for when the one before is full, so that it may be a buffer
   * that is used again.
   */
  static final class Decoder implements Exchange.Sink {
    private final Iterator<Iterator<Segment>> sources;
    private Iterator<Segment> source = List.<Segment>of().iterator();
    private Segment segment;
    private int done;

    /** The beginning of a number or a piece whose end is still to come. */
    private final ByteBuffer split =
        ByteBuffer.allocate(Bf16.PIECE * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Makes a decoder that fills what several sources give, one after the other. */
    Decoder(List<Iterator<Segment>> sources) {
      this.sources = sources.iterator();
      advance();
    }

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

    @Override
    public boolean isComplete() {
      return segment == null;
    }

    /**
     * Takes all bytes of a buffer.
     *
     * @throws IllegalStateException if they are more than expected
     */
    @Override
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

    /** Returns the number of bytes that only make sense together. */
    private int unitBytes() {
      return segment.wire == Wire.FP32 ? Float.BYTES : segment.pieceAt(done) * Short.BYTES;
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
      int at = segment.from + done;
      if (segment.wire == Wire.FP32) {
        int n = Math.min(segment.size() - done, in.remaining() / Float.BYTES);
        in.asFloatBuffer().get(segment.array, at, n);
        in.position(in.position() + n * Float.BYTES);
        done += n;
      } else {
        int n = segment.pieceAt(done);
        if (n == 1) {
          segment.array[at] = Bf16.toFloat(in.getShort());
        } else {
          Bf16.unpack(in, segment.array, at, n);
        }
        done += n;
      }
      advance();
    }
  }

  /**
   * Packed segments are their bytes in memory, which any serializer of Spark writes fast; they are
   * the same bytes as those of {@link OutgoingFloats}. They are kept in chunks, so that no limit of
   * an array bounds a model.
   */
  static final class Packed implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The bytes of a chunk, fewer than what a garbage collector treats as a large array. */
    private static final int CHUNK = 256 << 10;

    private final byte[][] chunks;

    /** Copies segments, rounded as they say. */
    Packed(List<Segment> segments) {
      Segment.Encoder encoder = new Segment.Encoder(segments);
      List<byte[]> filled = new ArrayList<>();
      for (long left = Segment.bytes(segments); left > 0; ) {
        ByteBuffer next = encoder.next((int) Math.min(CHUNK, left));
        // A piece that does not fit any more begins the next chunk.
        boolean full = next.limit() == next.capacity();
        filled.add(full ? next.array() : Arrays.copyOf(next.array(), next.limit()));
        left -= next.limit();
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
}
