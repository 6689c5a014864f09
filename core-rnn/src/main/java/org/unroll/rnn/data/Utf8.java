// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** These functions find characters of UTF-8 in arrays of bytes. */
public final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int SMALLEST_OF_3 = 0x800;
  private static final int SMALLEST_OF_4 = 0x10000;

  private Utf8() {}

  /** Returns the length of the character with this first byte, in valid text. */
  static int length(byte first) {
    if (first >= 0) {
      return 1;
    }
    return (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
  }

  /** Returns the code point that begins at a place of valid text. */
  static int codePoint(byte[] text, int at) {
    int first = text[at];
    return switch (length(text[at])) {
      case 1 -> first;
      case 2 -> (first & 0x1F) << 6 | text[at + 1] & 0x3F;
      case 3 -> (first & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
      default ->
          (first & 0x07) << 18
              | (text[at + 1] & 0x3F) << 12
              | (text[at + 2] & 0x3F) << 6
              | text[at + 3] & 0x3F;
    };
  }

  /**
   * Returns the place of the first byte in {@code [from, to)} that is not part of a well-formed
   * character (Unicode, table 3-7), or {@code to}. A character that is cut off at the end is not
   * well-formed.
   */
  public static int firstInvalid(byte[] text, int from, int to) {
    int i = from;
    while (i < to) {
      while (i + Long.BYTES <= to && ((long) LONGS.get(text, i) & HIGH_BITS) == 0) {
        i += Long.BYTES;
      }
      while (i < to && text[i] >= 0) {
        i++;
      }
      if (i < to && text[i] < 0) {
        int length = validLength(text, i, to);
        if (length == 0) {
          return i;
        }
        i += length;
      }
    }
    return to;
  }

  /** Returns the text of {@code [from, to)}, or null if that is not well-formed. */
  public static String textOrNull(byte[] bytes, int from, int to) {
    boolean valid = firstInvalid(bytes, from, to) == to;
    return valid ? new String(bytes, from, to - from, StandardCharsets.UTF_8) : null;
  }

  /** Returns the length of the character of several bytes at a place; 0 if it is malformed. */
  private static int validLength(byte[] text, int at, int to) {
    int first = text[at] & 0xff;
    int length = first < 0xC2 || first > 0xF4 ? 0 : length(text[at]);
    if (length == 0 || at + length > to) {
      return 0;
    }
    for (int i = 1; i < length; i++) {
      if ((text[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    int c = codePoint(text, at);
    boolean valid =
        length == 2
            || length == 3 && c >= SMALLEST_OF_3 && (c < 0xD800 || c > 0xDFFF)
            || length == 4 && c >= SMALLEST_OF_4 && c <= Character.MAX_CODE_POINT;
    return valid ? length : 0;
  }

  /** Returns the last place in {@code (from, to]} where no character is cut. */
  public static int wholeCharacters(byte[] text, int from, int to) {
    int start = to;
    while (start > from && start > to - 4 && (text[start - 1] & 0xC0) == 0x80) {
      start--;
    }
    if (start > from && text[start - 1] < 0 && start - 1 + length(text[start - 1]) > to) {
      return start - 1 == from ? to : start - 1;
    }
    return to;
  }
}
