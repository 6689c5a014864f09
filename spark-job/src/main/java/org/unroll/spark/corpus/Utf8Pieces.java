// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes UTF-8 strictly, piece by piece, so that text of any length takes little memory. Pieces
 * end between characters; where tokens are longer than that, behind a newline, or in a very long
 * line behind a blank.
 */
final class Utf8Pieces implements Closeable {
  private static final int PIECE = 1 << 16;

  /** The longest run without blank or newline, in UTF-16 units. */
  static final int LONGEST_WORD = 1 << 24;

  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final InputStream in;
  private final boolean cutAnywhere;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(PIECE).limit(0);
  private CharBuffer chars = CharBuffer.allocate(PIECE);
  private long decoded;
  private boolean atFileStart;
  private boolean endOfBytes;
  private boolean lineEnded;

  /** The text has bytes that are not UTF-8. */
  static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final long offset;

    MalformedException(long offset) {
      super("invalid UTF-8 at byte " + offset);
      this.offset = offset;
    }

    /** The place of the first bad byte, from the start of this text. */
    long offset() {
      return offset;
    }
  }

  /** There is a run without blank or newline that is longer than {@link #LONGEST_WORD}. */
  static final class LongWordException extends IOException {
    private static final long serialVersionUID = 1L;
    private final long offset;

    LongWordException(long offset) {
      super("word of more than " + LONGEST_WORD + " characters before byte " + offset);
      this.offset = offset;
    }

    /** A place inside the run, from the start of this text. */
    long offset() {
      return offset;
    }
  }

  /**
   * Takes over a stream.
   *
   * @param fileStart whether the text begins a file, where a byte order mark may stand
   * @param cutAnywhere whether a piece may end between any two characters
   */
  Utf8Pieces(InputStream in, boolean fileStart, boolean cutAnywhere) {
    this.in = in;
    this.atFileStart = fileStart;
    this.cutAnywhere = cutAnywhere;
  }

  /** Bytes decoded so far. */
  long bytes() {
    return decoded + bytes.position();
  }

  /** Whether the last piece ends with a newline or is the end of the text. */
  boolean isLineEnded() {
    return lineEnded;
  }

  /** The next piece, not empty; null after the last. */
  String next() throws IOException {
    while (true) {
      boolean last = fill();
      int end = last ? chars.position() : cut();
      if (end > 0) {
        lineEnded = last || chars.array()[end - 1] == '\n';
        return take(end);
      }
      if (last) {
        return null;
      }
      grow();
    }
  }

  /** Decodes until the characters are full or the text is at its end; true at the end. */
  private boolean fill() throws IOException {
    while (true) {
      CoderResult result = decoder.decode(bytes, chars, endOfBytes);
      if (result.isError()) {
        throw new MalformedException(bytes());
      }
      skipByteOrderMark();
      if (result.isOverflow()) {
        return false;
      }
      if (endOfBytes) {
        return true;
      }
      readBytes();
    }
  }

  private void readBytes() throws IOException {
    decoded += bytes.position();
    bytes.compact();
    int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
    endOfBytes = count < 0;
    bytes.position(bytes.position() + Math.max(0, count)).flip();
  }

  private void skipByteOrderMark() {
    if (atFileStart && chars.position() > 0) {
      atFileStart = false;
      if (chars.array()[0] == BYTE_ORDER_MARK) {
        chars.flip().position(1);
        chars.compact();
      }
    }
  }

  /** How many of the characters make a piece; 0 if there is no place to cut. */
  private int cut() {
    int count = chars.position();
    if (cutAnywhere) {
      return count;
    }
    int newline = lastIndexOf('\n', count);
    return newline > 0 ? newline : lastIndexOf(' ', count);
  }

  private int lastIndexOf(char c, int count) {
    char[] array = chars.array();
    int end = count;
    while (end > 0 && array[end - 1] != c) {
      end--;
    }
    return end;
  }

  private String take(int end) {
    String piece = new String(chars.array(), 0, end);
    chars.flip().position(end);
    chars.compact();
    return piece;
  }

  private void grow() throws IOException {
    if (chars.capacity() >= LONGEST_WORD) {
      throw new LongWordException(bytes());
    }
    chars.flip();
    chars =
        CharBuffer.wrap(Arrays.copyOf(chars.array(), chars.capacity() * 2)).position(chars.limit());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
