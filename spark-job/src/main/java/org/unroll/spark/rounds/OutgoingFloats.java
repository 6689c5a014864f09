// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import io.netty.handler.stream.ChunkedStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Deque;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.util.AbstractFileRegion;

/**
 * Outgoing floats are the numbers that follow a message. They are encoded when the network takes
 * them, a buffer at a time that the caches still hold when it is sent, so that they are never
 * copied as a whole.
 */
final class OutgoingFloats extends ManagedBuffer {
  private static final Deque<ByteBuffer> SPARE = new ConcurrentLinkedDeque<>();

  private final List<Segment> segments;
  private final int bufferBytes;
  private final LongAdder nanos;
  private final long size;

  /**
   * Makes floats that wait to be encoded.
   *
   * @param bufferBytes of a buffer
   * @param nanos takes how long the floats take to become bytes, a buffer at a time
   */
  OutgoingFloats(List<Segment> segments, int bufferBytes, LongAdder nanos) {
    this.segments = segments;
    this.bufferBytes = bufferBytes;
    this.nanos = nanos;
    size = Segment.bytes(segments);
  }

  private ByteBuffer takeBuffer() {
    ByteBuffer spare = SPARE.poll();
    return spare != null && spare.capacity() == bufferBytes
        ? spare.clear()
        : ByteBuffer.allocateDirect(bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void refill(ByteBuffer buffer, Segment.Encoder encoder) {
    long start = System.nanoTime();
    encoder.fill(buffer.clear());
    buffer.flip();
    nanos.add(System.nanoTime() - start);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public ByteBuffer nioByteBuffer() {
    return new Segment.Encoder(segments).next(Math.toIntExact(size));
  }

  @Override
  public InputStream createInputStream() {
    return new SequenceInputStream(new Chunks());
  }

  @Override
  public ManagedBuffer retain() {
    return this;
  }

  @Override
  public ManagedBuffer release() {
    return this;
  }

  @Override
  public Object convertToNetty() {
    return new Region();
  }

  @Override
  public Object convertToNettyForSsl() {
    return new ChunkedStream(createInputStream(), bufferBytes);
  }

  /** The floats for channels that take what they can. */
  private final class Region extends AbstractFileRegion {
    private final Segment.Encoder encoder = new Segment.Encoder(segments);
    private ByteBuffer buffer;
    private long transferred;

    @Override
    public long position() {
      return 0;
    }

    @Override
    public long transferred() {
      return transferred;
    }

    @Override
    public long count() {
      return size;
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
      if (buffer == null) {
        buffer = takeBuffer().limit(0);
      }
      if (!buffer.hasRemaining()) {
        refill(buffer, encoder);
      }
      int written = target.write(buffer);
      transferred += written;
      return written;
    }

    @Override
    protected void deallocate() {
      if (buffer != null) {
        SPARE.push(buffer);
        buffer = null;
      }
    }
  }

  /** The floats for channels that want a stream: a chunk at a time, encoded when it is due. */
  private final class Chunks implements Enumeration<InputStream> {
    private final Segment.Encoder encoder = new Segment.Encoder(segments);
    private long left = size;

    @Override
    public boolean hasMoreElements() {
      return left > 0;
    }

    @Override
    public InputStream nextElement() {
      ByteBuffer chunk = ByteBuffer.allocate(bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
      refill(chunk, encoder);
      left -= chunk.limit();
      return new ByteArrayInputStream(chunk.array(), 0, chunk.limit());
    }
  }
}
