// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.unroll.rnn.data.Utf8;
import org.unroll.rnn.io.InputException;

/** Reads lines of a word and its numbers. Words may have blanks in them: the last D are numbers. */
final class VectorTextReader {
  /** The most numbers of a vector, so that a file without line ends is not read as one. */
  static final int MOST_NUMBERS = 1 << 16;

  private static final int MOST_BYTES = 1 << 21;

  private final InputStream in;
  private final String sourceName;
  private byte[] buffer = new byte[1 << 12];
  private long line;

  /** True when the last line that was read ends with a newline. */
  private boolean ended;

  /** Makes a reader of the lines that follow in a stream. */
  VectorTextReader(InputStream in, String sourceName) {
    this.in = in;
    this.sourceName = sourceName;
  }

  /** Reads a file whose first line is a word already. */
  WordVectors readHeadless() throws IOException {
    String first = nextLine();
    if (first == null) {
      throw new InputException(sourceName + " is empty: word vectors have a word a line");
    }
    int size = first.split(" +").length - 1;
    if (size < 1) {
      throw error(
          ("is '%s', but a file of word vectors begins with the number of words and of"
                  + " numbers (word2vec), or with a word and its numbers (GloVe)")
              .formatted(VectorFile.some(first)));
    }
    return read(first, -1, size);
  }

  /** Reads a file behind its first line, which announces its size. */
  WordVectors readAnnounced(long words, int size) throws IOException {
    line = 1;
    return read(nextLine(), words, size);
  }

  /**
   * Reads to the end.
   *
   * @param first the line that comes next, null for none
   * @param announced how many words there must be; -1 for any number
   */
  private WordVectors read(String first, long announced, int size) throws IOException {
    WordVectors.Table table = new WordVectors.Table(sourceName, size);
    long read = 0;
    for (String text = first; text != null; text = nextLine()) {
      if (read == announced) {
        throw error("comes after the " + announced + " words that line 1 announces");
      }
      add(table, text, size);
      read++;
    }
    if (read < announced) {
      throw new InputException(
          ("%s is cut off: line 1 announces %s words, but there are %s. Was it copied"
                  + " completely?")
              .formatted(sourceName, announced, read));
    }
    // What is left of a cut number would be another number.
    if (!ended) {
      throw new InputException(
          "%s is cut off: the last line does not end with a newline. Was it copied completely?"
              .formatted(sourceName));
    }
    return table.vectors();
  }

  private void add(WordVectors.Table table, String text, int size) {
    float[] vector = new float[size];
    int end = text.length();
    for (int i = size - 1; i >= 0; i--) {
      int blank = text.lastIndexOf(' ', end - 1);
      if (blank <= 0) {
        throw error("has " + (size - 1 - i) + " numbers behind its word, but the file has " + size);
      }
      vector[i] = number(text.substring(blank + 1, end), size - i, size);
      end = blank;
    }
    table.add(text.substring(0, end), vector, "line " + line);
  }

  private float number(String digits, int fromEnd, int size) {
    try {
      return Float.parseFloat(digits);
    } catch (NumberFormatException e) {
      throw error(
          "has '%s' where number %s of %s must be"
              .formatted(VectorFile.some(digits), size - fromEnd + 1, size));
    }
  }

  /** Returns the next line that is not blank, without blanks at its end; null at the file's end. */
  private String nextLine() throws IOException {
    while (true) {
      int length = fill();
      if (length < 0) {
        return null;
      }
      String raw = Utf8.textOrNull(buffer, 0, length);
      if (raw == null) {
        throw error("is not valid UTF-8");
      }
      String text = raw.stripTrailing().replace('\t', ' ');
      if (!text.isEmpty()) {
        return text;
      }
    }
  }

  /** Reads a line into the buffer; returns its length, -1 at the end of the file. */
  private int fill() throws IOException {
    line++;
    int length = 0;
    int c = in.read();
    if (c < 0) {
      return -1;
    }
    for (; c >= 0 && c != '\n'; c = in.read()) {
      if (length == MOST_BYTES) {
        throw error("is longer than " + MOST_BYTES + " bytes: this is no file of word vectors");
      }
      if (length == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * length);
      }
      buffer[length++] = (byte) c;
    }
    ended = c == '\n';
    return length;
  }

  private InputException error(String problem) {
    return new InputException(sourceName + ": line " + line + " " + problem);
  }
}
