// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;

/**
 * Reads the files of {@link VectorFormat}, which it tells apart by how they begin: with V and D or
 * at once with a word; and behind the first word of the former with digits or with bytes.
 */
public final class VectorReader {
  /** Enough for the first line and the word behind it. */
  private static final int PEEK = 1 << 16;

  /**
   * Bytes of floats that would all have to be characters of decimal numbers to be taken for such.
   */
  private static final int SAMPLE = 24;

  private static final Pattern COUNTS = Pattern.compile("(\\d{1,10}) +(\\d{1,10})\\s*");
  private static final String OF_NUMBERS = "0123456789+-.eE \t\r\nnNaAiIfFtTyY";

  private VectorReader() {}

  /**
   * Reads a file to its end; the stream stays open.
   *
   * @param sourceName what messages call the file
   * @throws InputException if it is none of these or is damaged, naming the line or the byte
   */
  public static WordVectors read(InputStream in, String sourceName) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, PEEK);
    buffered.mark(PEEK);
    byte[] start = buffered.readNBytes(PEEK);
    buffered.reset();
    try {
      return read(buffered, start, sourceName);
    } catch (EOFException e) {
      throw new InputException(sourceName + " is cut off: was it copied completely?", e);
    }
  }

  private static WordVectors read(InputStream in, byte[] start, String sourceName)
      throws IOException {
    int lineEnd = indexOf(start, '\n', 0);
    String first = new String(start, 0, lineEnd, StandardCharsets.UTF_8);
    Matcher counts = COUNTS.matcher(first);
    if (!counts.matches()) {
      return new VectorTextReader(in, sourceName).readHeadless();
    }
    long words = Long.parseLong(counts.group(1));
    long size = Long.parseLong(counts.group(2));
    if (words < 1 || size < 1 || size > VectorTextReader.MOST_NUMBERS) {
      throw new InputException(
          sourceName
              + ": line 1 announces "
              + words
              + " words of "
              + size
              + " numbers; there must be at least 1 word of 1 to "
              + VectorTextReader.MOST_NUMBERS);
    }
    in.skipNBytes(Math.min(start.length, lineEnd + 1L));
    return isText(start, lineEnd + 1)
        ? new VectorTextReader(in, sourceName).readAnnounced(words, (int) size)
        : new VectorBinaryReader(in, sourceName, lineEnd + 1L).read(words, (int) size);
  }

  /** Whether what follows the first word behind the first line is written in decimals. */
  private static boolean isText(byte[] start, int lineEnd) {
    int from = lineEnd;
    while (from < start.length && start[from] <= ' ' && start[from] >= 0) {
      from++;
    }
    int blank = indexOf(start, ' ', from);
    for (int i = blank; i < Math.min(start.length, blank + SAMPLE); i++) {
      if (start[i] == '\n' && i > blank) {
        return true;
      }
      if (OF_NUMBERS.indexOf(start[i]) < 0) {
        return false;
      }
    }
    return true;
  }

  /** The index of the first such byte, or the end. */
  private static int indexOf(byte[] bytes, char c, int from) {
    int i = from;
    while (i < bytes.length && bytes[i] != c) {
      i++;
    }
    return i;
  }

  /** What a message shows of a text that may be long. */
  static String some(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  /** As {@link #some(String)}, of bytes that may be no text. */
  static String some(byte[] bytes) {
    byte[] shown = Arrays.copyOf(bytes, Math.min(bytes.length, 41));
    return some(new String(shown, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?"));
  }
}
