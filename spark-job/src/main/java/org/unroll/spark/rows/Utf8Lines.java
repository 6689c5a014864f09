// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.unroll.rnn.data.Utf8;

/**
 * Reads UTF-8 line by line, in place. A line that is longer than the buffer comes in several pieces
 * where it can be cut, so that text of any length takes little memory.
 */
public final class Utf8Lines implements Closeable {
  private static final int BUFFER = 1 << 20;

  /** The longest piece of a line, in bytes. */
  public static final int LONGEST_PIECE = 1 << 24;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long NEWLINES = ONES * '\n';

  /** What happens to bytes that are no UTF-8. */
  public enum OnInvalid {
    /** The text is refused. */
    FAIL,
    /** Each becomes U+FFFD, and is counted. */
    REPLACE
  }

  /** Where a line may be cut. */
  @FunctionalInterface
  public interface Boundary {
    /** The last place in {@code (from, to]} to cut at, or {@code from} if there is none. */
    int boundary(byte[] text, int from, int to);
  }

  /** The text cannot be used. */
  public static final class BadTextException extends IOException {
    private static final long serialVersionUID = 1L;
    private final long offset;
    private final boolean malformed;
    private final int longest;

    private BadTextException(long offset, boolean malformed, int longest) {
      super((malformed ? "invalid UTF-8" : "a piece without end") + " at byte " + offset);
      this.offset = offset;
      this.malformed = malformed;
      this.longest = longest;
    }

    /** The place of the trouble, from the start of this text. */
    long offset() {
      return offset;
    }

    /** Whether it is no UTF-8, or else a line that cannot be cut. */
    boolean malformed() {
      return malformed;
    }

    /** What a piece of a line may have at most, in bytes. */
    int longest() {
      return longest;
    }
  }

  private final InputStream in;
  private final OnInvalid onInvalid;
  private final Boundary boundary;
  private byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private int scanned;
  private long dropped;
  private boolean atFileStart;
  private boolean endOfBytes;
  private boolean open;

  private byte[] text;
  private int from;
  private int to;
  private boolean newline;
  private boolean ended;
  private long invalid;

  /**
   * Takes over a stream.
   *
   * @param fileStart whether the text begins a file, where a byte order mark may stand
   * @param boundary where long lines are cut
   */
  public Utf8Lines(InputStream in, boolean fileStart, OnInvalid onInvalid, Boundary boundary) {
    this.in = in;
    this.atFileStart = fileStart;
    this.onInvalid = onInvalid;
    this.boundary = boundary;
  }

  /**
   * Goes on to the next line or piece of one.
   *
   * @return false after the last
   * @throws BadTextException if the text cannot be used
   */
  public boolean next() throws IOException {
    int last = findEnd();
    if (last < 0) {
      return false;
    }
    text = buffer;
    from = start;
    to = last;
    start = last + (newline ? 1 : 0);
    scanned = start;
    int bad = Utf8.firstInvalid(buffer, from, to);
    if (bad < to) {
      if (onInvalid == OnInvalid.FAIL) {
        throw new BadTextException(dropped + bad, true, 0);
      }
      repair(bad);
    }
    return true;
  }

  /** Sets {@link #newline} and {@link #ended}; -1 at the end of the text. */
  private int findEnd() throws IOException {
    while (atFileStart) {
      fill();
    }
    while (true) {
      int found = indexOfNewline(scanned, end);
      if (found < end) {
        newline = true;
        ended = true;
        open = false;
        return found;
      }
      scanned = end;
      newline = false;
      if (endOfBytes) {
        boolean rest = start < end || open;
        ended = true;
        open = false;
        return rest ? end : -1;
      }
      if (end - start == buffer.length) {
        int cut = boundary.boundary(buffer, start, Utf8.wholeCharacters(buffer, start, end));
        if (cut > start) {
          ended = false;
          open = true;
          return cut;
        }
        grow();
      }
      fill();
    }
  }

  private int indexOfNewline(int first, int limit) {
    int i = first;
    for (; i + Long.BYTES <= limit; i += Long.BYTES) {
      long differences = (long) LONGS.get(buffer, i) ^ NEWLINES;
      long zeros = differences - ONES & ~differences & HIGH_BITS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    while (i < limit && buffer[i] != '\n') {
      i++;
    }
    return i;
  }

  private void grow() throws IOException {
    if (buffer.length >= LONGEST_PIECE) {
      throw new BadTextException(dropped + start, false, LONGEST_PIECE);
    }
    buffer = Arrays.copyOf(buffer, buffer.length * 2);
  }

  private void fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      dropped += start;
      end -= start;
      scanned -= start;
      start = 0;
    }
    int count = in.read(buffer, end, buffer.length - end);
    endOfBytes = count < 0;
    end += Math.max(0, count);
    if (atFileStart && (endOfBytes || end >= BYTE_ORDER_MARK.length)) {
      atFileStart = false;
      int mark = BYTE_ORDER_MARK.length;
      if (end >= mark && Arrays.equals(buffer, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
        start = mark;
        scanned = mark;
      }
    }
  }

  /** Copies the piece with U+FFFD for each bad byte. */
  private void repair(int firstBad) {
    byte[] repaired = new byte[(to - from) * REPLACEMENT.length + 1];
    int length = 0;
    int place = from;
    int bad = firstBad;
    while (place < to) {
      System.arraycopy(buffer, place, repaired, length, bad - place);
      length += bad - place;
      place = bad;
      if (bad < to) {
        System.arraycopy(REPLACEMENT, 0, repaired, length, REPLACEMENT.length);
        length += REPLACEMENT.length;
        invalid++;
        place++;
        bad = Utf8.firstInvalid(buffer, place, to);
      }
    }
    repaired[length] = '\n';
    text = repaired;
    from = 0;
    to = length;
  }

  /** Whether this piece is the last of the text. */
  public boolean isLast() throws IOException {
    if (open) {
      return false;
    }
    if (start == end && !endOfBytes) {
      // What the piece points to must survive the reading of what follows.
      byte[] copy = Arrays.copyOfRange(text, from, to + 1);
      text = copy;
      to -= from;
      from = 0;
      fill();
    }
    return start == end && endOfBytes;
  }

  /** The array that holds the piece. */
  public byte[] text() {
    return text;
  }

  public int from() {
    return from;
  }

  /** The end of the piece, without its newline. */
  public int to() {
    return to;
  }

  /** Whether a newline follows; then it stands at {@link #to}. */
  public boolean newline() {
    return newline;
  }

  /** Whether this piece ends its line, with a newline or with the text. */
  public boolean ended() {
    return ended;
  }

  /** Bytes of text up to the end of this piece. */
  public long bytes() {
    return dropped + start;
  }

  /** Bytes so far that were no UTF-8. */
  public long invalidBytes() {
    return invalid;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
