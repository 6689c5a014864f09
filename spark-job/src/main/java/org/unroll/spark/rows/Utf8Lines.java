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
 * Reads UTF-8 line by line, in place. A line ends at {@code \n} and nowhere else: the other line
 * ends of Unicode stand in people's texts. A line that is longer than the buffer comes in several
 * pieces where it can be cut, so that text of any length takes little memory.
 */
public final class Utf8Lines implements Closeable {
  private static final int BUFFER = 1 << 20;

  /** The most bytes of a piece of a line that can be cut somewhere. */
  private static final int LONGEST_PIECE = 1 << 24;

  /** The most bytes of a line that is taken whole. */
  private static final int LONGEST_LINE = 1 << 26;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /** The number of bytes of a file that are looked at before it is read. */
  private static final int FIRST_BYTES = 1 << 13;

  /** The least bytes that tell UTF-16. */
  private static final int LEAST_UTF_16 = 4;

  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long NEWLINES = ONES * '\n';

  /** The ways to go on at bytes that are no UTF-8. */
  public enum OnInvalid {
    /** The text is refused. */
    FAIL,
    /** Each such byte becomes U+FFFD, and is counted. */
    REPLACE
  }

  /** Tells where a line may be cut. */
  @FunctionalInterface
  public interface Boundary {
    /** Returns the last place in {@code (from, to]} to cut at, or {@code from} for none. */
    int boundary(byte[] text, int from, int to);
  }

  /**
   * Thrown at text that cannot be used. Behind a malformed line the next call goes on, behind an
   * endless one if that is {@linkplain #skipLine skipped}.
   */
  public static final class BadTextException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The things that can be wrong with a text. */
    enum Kind {
      /** The line has bytes that are no UTF-8. */
      MALFORMED,
      /** The file is in another encoding, which cannot be repaired byte by byte. */
      UTF_16LE,
      /** Likewise, with the other order of bytes. */
      UTF_16BE,
      /** The lines of the file end with {@code \r} alone, so that all of it would be one. */
      CARRIAGE_RETURNS,
      /** The line is too long and can be cut nowhere. */
      ENDLESS;

      /** Returns whether it is a trouble of the whole file. */
      boolean isOfFile() {
        return this == UTF_16LE || this == UTF_16BE || this == CARRIAGE_RETURNS;
      }
    }

    /** The place of the trouble in bytes from the start of this text. */
    final long offset;

    /** What the trouble is. */
    final Kind kind;

    /** The most bytes that a piece of a line may have. */
    final int longest;

    private BadTextException(long offset, Kind kind, int longest) {
      super(kind + " at byte " + offset);
      this.offset = offset;
      this.kind = kind;
      this.longest = longest;
    }
  }

  private final InputStream in;
  private final OnInvalid onInvalid;
  private final Boundary boundary;
  private final int longest;
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
   * Takes over a stream whose long lines may be cut.
   *
   * @param fileStart whether the text begins a file, where a byte order mark may stand
   * @param boundary tells where long lines are cut
   */
  public Utf8Lines(InputStream in, boolean fileStart, OnInvalid onInvalid, Boundary boundary) {
    this(in, fileStart, onInvalid, boundary, LONGEST_PIECE);
  }

  /**
   * Takes over a stream whose lines stay whole.
   *
   * @param fileStart whether the text begins a file, where a byte order mark may stand
   */
  Utf8Lines(InputStream in, boolean fileStart, OnInvalid onInvalid) {
    this(in, fileStart, onInvalid, (text, from, to) -> from, LONGEST_LINE);
  }

  private Utf8Lines(
      InputStream in, boolean fileStart, OnInvalid onInvalid, Boundary boundary, int longest) {
    this.in = in;
    this.atFileStart = fileStart;
    this.onInvalid = onInvalid;
    this.boundary = boundary;
    this.longest = longest;
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
        throw new BadTextException(dropped + bad, BadTextException.Kind.MALFORMED, 0);
      }
      repair(bad);
    }
    return true;
  }

  /** Goes on behind a line at which {@link #next} threw because it is too long. */
  void skipLine() throws IOException {
    while (true) {
      int found = indexOfNewline(start, end);
      start = Math.min(found + 1, end);
      scanned = start;
      if (found < end || endOfBytes) {
        return;
      }
      fill();
    }
  }

  /** Sets {@link #newline} and {@link #ended}, and returns the end or -1 behind the text. */
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
    if (buffer.length >= longest) {
      throw new BadTextException(dropped + start, BadTextException.Kind.ENDLESS, longest);
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
    if (atFileStart && (endOfBytes || end >= FIRST_BYTES)) {
      atFileStart = false;
      int mark = BYTE_ORDER_MARK.length;
      if (end >= mark && Arrays.equals(buffer, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
        start = mark;
        scanned = mark;
      } else if (end >= LEAST_UTF_16) {
        requireNoUtf16();
      }
      if (indexOfNewline(0, end) == end && returns() > 1) {
        throw new BadTextException(0, BadTextException.Kind.CARRIAGE_RETURNS, 0);
      }
    }
  }

  /** Counts the carriage returns in the first bytes of a file. */
  private int returns() {
    int count = 0;
    for (int i = 0; i < end; i++) {
      count += buffer[i] == '\r' ? 1 : 0;
    }
    return count;
  }

  /** Fails if the first bytes are the mark of UTF-16, or two of its ASCII characters. */
  private void requireNoUtf16() throws BadTextException {
    int first = (buffer[0] & 0xFF) << 8 | buffer[1] & 0xFF;
    boolean odd = buffer[0] == 0 && buffer[2] == 0 && buffer[1] != 0 && buffer[3] != 0;
    boolean even = buffer[1] == 0 && buffer[3] == 0 && buffer[0] != 0 && buffer[2] != 0;
    if (first == 0xFEFF || odd) {
      throw new BadTextException(0, BadTextException.Kind.UTF_16BE, 0);
    }
    if (first == 0xFFFE || even) {
      throw new BadTextException(0, BadTextException.Kind.UTF_16LE, 0);
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

  /** Returns whether this piece is the last of the text. */
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

  /** Returns the array that holds the piece. */
  public byte[] text() {
    return text;
  }

  /** Returns the start of the piece in {@link #text}. */
  public int from() {
    return from;
  }

  /** Returns the end of the piece, without its newline. */
  public int to() {
    return to;
  }

  /** Returns whether a newline follows; then it stands at {@link #to}. */
  public boolean newline() {
    return newline;
  }

  /** Returns whether this piece ends its line, with a newline or with the text. */
  public boolean ended() {
    return ended;
  }

  /** Returns how many bytes of text there are up to the end of this piece. */
  public long bytes() {
    return dropped + start;
  }

  /** Returns how many bytes so far were no UTF-8. */
  public long invalidBytes() {
    return invalid;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
