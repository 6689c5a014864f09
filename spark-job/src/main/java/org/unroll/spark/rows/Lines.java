// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of UTF-8 with their places. A line ends at {@code \n} or {@code \r\n} and nowhere else: the
 * other line ends of Unicode stand in people's texts.
 */
final class Lines implements Closeable {
  /** The longest line in bytes; what is longer is no row. */
  static final int LONGEST = 1 << 26;

  private static final char BYTE_ORDER_MARK = 0xFEFF;

  private final InputStream in;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int filled;
  private byte[] line = new byte[1 << 10];
  private long length;
  private long position;
  private long end;

  /** Lines of a stream that begins at this byte of its file. */
  Lines(InputStream in, long position) {
    this.in = in;
    this.end = position;
  }

  /** Goes to the next line; false if there is none. */
  boolean advance() throws IOException {
    position = end;
    length = 0;
    while (true) {
      if (next == filled && !fill()) {
        return end > position;
      }
      int newline = next;
      while (newline < filled && buffer[newline] != '\n') {
        newline++;
      }
      take(newline - next);
      if (newline < filled) {
        next = newline + 1;
        end++;
        return true;
      }
    }
  }

  private boolean fill() throws IOException {
    next = 0;
    filled = Math.max(0, in.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  private void take(int count) {
    if (length + count <= LONGEST) {
      int wanted = (int) length + count;
      if (wanted > line.length) {
        line = Arrays.copyOf(line, Math.min(LONGEST, Math.max(wanted, 2 * line.length)));
      }
      System.arraycopy(buffer, next, line, (int) length, count);
    }
    length += count;
    end += count;
    next += count;
  }

  /** The byte of the file where the line begins. */
  long position() {
    return position;
  }

  /** Whether the line has nothing but its end. */
  boolean isEmpty() {
    return length == 0 || (length == 1 && line[0] == '\r');
  }

  /** Whether the line has nothing but blanks, tabs and its end. */
  boolean isBlank() {
    for (int i = 0; i < Math.min(length, LONGEST); i++) {
      if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /**
   * The line without its end.
   *
   * @throws BadRowException if it is no UTF-8 or too long
   */
  String text() throws BadRowException {
    if (length > LONGEST) {
      throw new BadRowException(
          position, "it has " + length + " bytes, but a line may have " + LONGEST + " at most");
    }
    int count = (int) length;
    if (count > 0 && line[count - 1] == '\r') {
      count--;
    }
    String text = decode(count);
    boolean marked = position == 0 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
    return marked ? text.substring(1) : text;
  }

  private String decode(int count) throws BadRowException {
    ByteBuffer bytes = ByteBuffer.wrap(line, 0, count);
    try {
      return decoder.decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new BadRowException(
          position,
          "it is not valid UTF-8 at byte "
              + (position + bytes.position())
              + " of the text (convert the file, for example with iconv -f LATIN1 -t UTF-8)");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
