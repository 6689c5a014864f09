// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.unroll.rnn.math.RandomBits;

/**
 * Text whose words are as unevenly frequent as those of a language: the word of rank r comes with a
 * probability proportional to 1/r (Zipf 1935). The same seed gives the same text.
 */
final class ZipfText {
  private static final int WORDS = 1 << 19;
  private static final int LONGEST_LINE = 40;
  private static final int LETTERS = 26;

  private final long key;
  private long drawn;
  private final byte[][] words = new byte[WORDS][];
  private final double[] sums = new double[WORDS];

  ZipfText(long seed) {
    this.key = RandomBits.key(seed);
    double sum = 0;
    for (int rank = 0; rank < WORDS; rank++) {
      words[rank] = word(rank);
      sum += 1.0 / (rank + 1);
      sums[rank] = sum;
    }
  }

  /** Frequent words are short; the number of letters rises with the logarithm of the rank. */
  private byte[] word(int rank) {
    int length = 2 + (Integer.SIZE - Integer.numberOfLeadingZeros(rank + 1)) / 3 + below(4);
    byte[] word = new byte[length];
    int rest = rank;
    for (int i = 0; i < length; i++) {
      word[i] = (byte) ('a' + (rest % LETTERS + (i > 4 ? below(LETTERS) : 0)) % LETTERS);
      rest /= LETTERS;
    }
    return word;
  }

  private int below(int bound) {
    return (int) (RandomBits.uniformDouble(key, drawn++) * bound);
  }

  /** Writes a file of at least so many bytes, and less than a line more. */
  void write(Path file, long bytes) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      long written = 0;
      while (written < bytes) {
        int count = 1 + below(LONGEST_LINE);
        for (int w = 0; w < count; w++) {
          byte[] word = words[next()];
          out.write(word);
          out.write(w + 1 == count ? '\n' : ' ');
          written += word.length + 1;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The text to measure with cannot be written to " + file, e);
    }
  }

  private int next() {
    int found = Arrays.binarySearch(sums, RandomBits.uniformDouble(key, drawn++) * sums[WORDS - 1]);
    return Math.min(WORDS - 1, found < 0 ? -found - 1 : found);
  }
}
