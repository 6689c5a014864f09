// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * The lines of a file that begin in a range of its bytes, each with the newline that ends it.
 * Ranges that follow one another thus give every byte once, wherever they are cut: inside a
 * character, or between the two bytes of {@code \r\n}. No more is read than the range and the rest
 * of its last line.
 */
final class LineRangeStream extends InputStream {
  private static final int SCAN_BYTES = 1 << 13;

  private final FSDataInputStream in;
  private final long first;
  private final long end;
  private long position;
  private boolean ended;

  /** Takes the range {@code [start, end)} of a stream, which is closed with this one. */
  LineRangeStream(FSDataInputStream in, long start, long end) throws IOException {
    this.in = in;
    this.end = end;
    this.first = start == 0 ? 0 : lineStart(start);
    this.position = first;
    this.ended = first >= end;
    if (!ended) {
      in.seek(first);
    }
  }

  /** The place of the first byte in the file. */
  long first() {
    return first;
  }

  /**
   * The first place from {@code start} on that follows a newline, or one that is not before {@link
   * #end}.
   */
  private long lineStart(long start) throws IOException {
    byte[] buffer = new byte[SCAN_BYTES];
    long place = start - 1;
    in.seek(place);
    while (place < end) {
      int count = in.read(buffer, 0, buffer.length);
      if (count < 0) {
        return end;
      }
      int newline = newline(buffer, 0, count);
      if (newline >= 0) {
        return place + newline + 1;
      }
      place += count;
    }
    return place;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = ended ? -1 : in.read(into, offset, length);
    if (count < 0) {
      ended = true;
      return -1;
    }
    // The line that holds the range's last byte is the last one; its newline is at end - 1 or
    // later.
    long before = end - 1 - position;
    if (before < count) {
      int newline = newline(into, offset + (int) Math.max(0, before), offset + count);
      if (newline >= 0) {
        ended = true;
        count = newline + 1 - offset;
      }
    }
    position += count;
    return count;
  }

  private static int newline(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
