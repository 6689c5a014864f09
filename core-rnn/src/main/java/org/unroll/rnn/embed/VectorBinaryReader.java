// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.unroll.rnn.io.InputException;

/**
 * Reads word2vec's binary form behind its first line, with newlines between the words or without.
 */
final class VectorBinaryReader {
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
  VectorBinaryReader(InputStream in, String sourceName, long offset) {
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
                .formatted(sourceName, start, VectorFile.some(buffer)));
      }
      buffer[length++] = (byte) c;
    }
    return decode(Arrays.copyOf(buffer, length), start);
  }

  private int next(long index, long words) throws IOException {
    int c = in.read();
    if (c < 0) {
      throw cutOff(index, words);
    }
    offset++;
    return c;
  }

  private String decode(byte[] word, long start) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
    } catch (CharacterCodingException e) {
      throw new InputException(
          "%s: byte %s: the word '%s' is not valid UTF-8"
              .formatted(sourceName, start, VectorFile.some(word)),
          e);
    }
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
