// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.data.Utf8;
import org.unroll.rnn.io.InputException;

/** Files of word vectors that other programs read and write. Streams stay open. */
public final class VectorFile {
  /** The bytes that are looked at first: enough for the first line and the word behind it. */
  private static final int PEEK = 1 << 16;

  /**
   * Bytes of floats that would all have to be characters of decimal numbers to be taken for such.
   */
  private static final int SAMPLE = 24;

  private static final Pattern COUNTS = Pattern.compile("(\\d{1,10}) +(\\d{1,10})\\s*");
  private static final String OF_NUMBERS = "0123456789+-.eE \t\r\nnNaAiIfFtTyY";

  private VectorFile() {}

  /** The formats of these files. */
  public enum Format {
    /** The text of word2vec: a line with V and D, then a word and its D numbers a line. */
    WORD2VEC,
    /**
     * The binary form of word2vec: the same first line; then words, a blank, D little-endian
     * floats.
     */
    WORD2VEC_BINARY,
    /** GloVe's text: that of word2vec without the first line. */
    GLOVE
  }

  /**
   * Reads a file of any format to its end. It tells the formats apart by how they begin: with V and
   * D or at once with a word; and behind the first word of the former with digits or with bytes.
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
          ("%s: line 1 announces %s words of %s numbers; there must be at least 1 word of 1"
                  + " to %s")
              .formatted(sourceName, words, size, VectorTextReader.MOST_NUMBERS));
    }
    in.skipNBytes(Math.min(start.length, lineEnd + 1L));
    return isText(start, lineEnd + 1)
        ? new VectorTextReader(in, sourceName).readAnnounced(words, (int) size)
        : new BinaryReader(in, sourceName, lineEnd + 1L).read(words, (int) size);
  }

  /** Returns whether what follows the first word behind the first line is written in decimals. */
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

  /** Returns the index of the first such byte, or the end. */
  private static int indexOf(byte[] bytes, char c, int from) {
    int i = from;
    while (i < bytes.length && bytes[i] != c) {
      i++;
    }
    return i;
  }

  /** Returns what a message shows of a text that may be long. */
  static String some(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  /** Returns what a message shows of bytes that may be no text. */
  static String some(byte[] bytes) {
    byte[] shown = Arrays.copyOf(bytes, Math.min(bytes.length, 41));
    return some(new String(shown, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?"));
  }

  /**
   * Writes a file. Numbers are written so that no bit is lost.
   *
   * @throws InputException if a word has white space in it, which no format can express
   */
  public static void write(WordVectors vectors, Format format, OutputStream out)
      throws IOException {
    vectors.vocabulary().entries().forEach(entry -> requireWritable(entry.token()));
    OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
    if (format != Format.GLOVE) {
      buffered.write(utf8(vectors.words() + " " + vectors.size() + "\n"));
    }
    for (int word = 0; word < vectors.words(); word++) {
      buffered.write(utf8(vectors.vocabulary().token(word)));
      int from = word * vectors.size();
      buffered.write(
          format == Format.WORD2VEC_BINARY ? binary(vectors, from) : decimals(vectors, from));
    }
    buffered.flush();
  }

  private static void requireWritable(String word) {
    if (word.chars().anyMatch(c -> c <= ' ')) {
      throw new InputException(
          ("The word '%s' has white space in it, which files of word vectors cannot hold:"
                  + " they separate words and numbers by it. Use vectors of words (--unit word).")
              .formatted(word.replaceAll("\\s", " ")));
    }
  }

  private static byte[] decimals(WordVectors vectors, int from) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < vectors.size(); i++) {
      line.append(' ').append(vectors.values()[from + i]);
    }
    return utf8(line.append('\n').toString());
  }

  private static byte[] binary(WordVectors vectors, int from) {
    ByteBuffer bytes =
        ByteBuffer.allocate(2 + vectors.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) ' ');
    for (int i = 0; i < vectors.size(); i++) {
      bytes.putFloat(vectors.values()[from + i]);
    }
    return bytes.put((byte) '\n').array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads word2vec's binary form behind its first line, with newlines between the words or without.
   */
  private static final class BinaryReader {
    /** The most bytes of a word: as many as word2vec allows, and some more. */
    private static final int MOST_BYTES = 1 << 12;

    private final InputStream in;
    private final String sourceName;
    private final byte[] buffer = new byte[MOST_BYTES];
    private long offset;

    /**
     * Makes a reader of the bytes that follow in a stream.
     *
     * @param offset bytes of the file before
     */
    BinaryReader(InputStream in, String sourceName, long offset) {
      this.in = in;
      this.sourceName = sourceName;
      this.offset = offset;
    }

    WordVectors read(long words, int size) throws IOException {
      WordVectors.Table table = new WordVectors.Table(sourceName, size);
      byte[] bytes = new byte[size * Float.BYTES];
      float[] vector = new float[size];
      for (long i = 0; i < words; i++) {
        String word = word(i, words);
        long at = offset;
        int got = in.readNBytes(bytes, 0, bytes.length);
        offset += got;
        if (got < bytes.length) {
          throw cutOff(i, words);
        }
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        table.add(word, vector, "byte " + at);
      }
      requireEnd(words);
      return table.vectors();
    }

    private String word(long index, long words) throws IOException {
      long start = offset;
      int length = 0;
      for (int c = next(index, words); c != ' '; c = next(index, words)) {
        if (c == '\n' && length == 0) {
          continue;
        }
        if (length == MOST_BYTES) {
          throw new InputException(
              ("%s: byte %s: no blank ends the word '%s': the file is damaged, or its vectors"
                      + " have other lengths than line 1 says")
                  .formatted(sourceName, start, some(buffer)));
        }
        buffer[length++] = (byte) c;
      }
      String word = Utf8.textOrNull(buffer, 0, length);
      if (word == null) {
        throw new InputException(
            "%s: byte %s: the word '%s' is not valid UTF-8"
                .formatted(sourceName, start, some(Arrays.copyOf(buffer, length))));
      }
      return word;
    }

    private int next(long index, long words) throws IOException {
      int c = in.read();
      if (c < 0) {
        throw cutOff(index, words);
      }
      offset++;
      return c;
    }

    private void requireEnd(long words) throws IOException {
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c != '\n') {
          throw new InputException(
              "%s: byte %s: there is more behind the %s words that line 1 announces"
                  .formatted(sourceName, offset, words));
        }
        offset++;
      }
    }

    private InputException cutOff(long index, long words) {
      return new InputException(
          "%s is cut off at byte %s, in word %s of %s. Was it copied completely?"
              .formatted(sourceName, offset, index + 1, words));
    }
  }
}
