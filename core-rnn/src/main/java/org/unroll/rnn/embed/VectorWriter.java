// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.unroll.rnn.io.InputException;

/** Writes word vectors as other programs read them. Numbers are written so that no bit is lost. */
public final class VectorWriter {
  private final WordVectors vectors;
  private final OutputStream out;

  private VectorWriter(WordVectors vectors, OutputStream out) {
    this.vectors = vectors;
    this.out = out;
  }

  /**
   * Writes a file; the stream stays open.
   *
   * @throws InputException if a word has white space in it, which no format can express
   */
  public static void write(WordVectors vectors, VectorFormat format, OutputStream out)
      throws IOException {
    OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
    new VectorWriter(vectors, buffered).write(format);
    buffered.flush();
  }

  private void write(VectorFormat format) throws IOException {
    vectors.vocabulary().entries().forEach(entry -> requireWritable(entry.token()));
    if (format != VectorFormat.GLOVE) {
      text(vectors.words() + " " + vectors.size() + "\n");
    }
    for (int word = 0; word < vectors.words(); word++) {
      text(vectors.vocabulary().token(word));
      if (format == VectorFormat.WORD2VEC_BINARY) {
        binary(word);
      } else {
        decimal(word);
      }
    }
  }

  private static void requireWritable(String word) {
    if (word.chars().anyMatch(c -> c <= ' ')) {
      throw new InputException(
          "The word '"
              + word.replaceAll("\\s", " ")
              + "' has white space in it, which files of word vectors cannot hold: they separate"
              + " words and numbers by it. Use vectors of words (--unit word).");
    }
  }

  private void decimal(int word) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < vectors.size(); i++) {
      line.append(' ').append(vectors.values()[word * vectors.size() + i]);
    }
    text(line.append('\n').toString());
  }

  private void binary(int word) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(2 + vectors.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) ' ');
    for (int i = 0; i < vectors.size(); i++) {
      bytes.putFloat(vectors.values()[word * vectors.size() + i]);
    }
    out.write(bytes.put((byte) '\n').array());
  }

  private void text(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
