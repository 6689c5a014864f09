// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;

/**
 * Bytes as visible characters, as GPT-2 writes them: a byte that is a visible character of Latin-1
 * stands for itself, the others, in their order, for the characters from U+0100 on. A blank is Ġ, a
 * newline Ċ.
 */
final class ByteAlphabet {
  private static final int FIRST_OTHER = 0x100;
  private static final char[] CHARACTERS = new char[256];
  private static final int[] BYTES = new int[FIRST_OTHER + 256];

  static {
    Arrays.fill(BYTES, -1);
    char other = FIRST_OTHER;
    for (int b = 0; b < CHARACTERS.length; b++) {
      boolean visible = b > ' ' && b < 0x7F || b > 0xA0 && b != 0xAD;
      CHARACTERS[b] = visible ? (char) b : other++;
      BYTES[CHARACTERS[b]] = b;
    }
  }

  private ByteAlphabet() {}

  static String encode(byte[] bytes, int from, int to) {
    char[] text = new char[to - from];
    for (int i = 0; i < text.length; i++) {
      text[i] = CHARACTERS[bytes[from + i] & 0xff];
    }
    return new String(text);
  }

  /**
   * The bytes that a text stands for.
   *
   * @return null if it has other characters
   */
  static byte[] decodeOrNull(String text) {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = text.charAt(i) < BYTES.length ? BYTES[text.charAt(i)] : -1;
      if (b < 0) {
        return null;
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
