// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.function.Consumer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;

/**
 * The work of a task that looks at all tokens of the chunks {@code [from, to)} and returns numbers.
 */
final class ChunkCounts {
  private ChunkCounts() {}

  /**
   * Counts, {@code [tokens, bytes]} for each chunk, and digests; the text is checked on the way.
   */
  static TaskResult all(CorpusReader reader, int from, int to) throws IOException {
    long[] counts = new long[2 * (to - from)];
    MessageDigest digest = SourceHash.digest();
    byte[] digests = new byte[(to - from) * SourceHash.BYTES];
    try {
      for (int i = 0; i < to - from; i++) {
        Counter counter = new Counter();
        try (ChunkTokens tokens = reader.open(from + i, digest)) {
          tokens.forEach(counter);
          counts[2 * i] = counter.tokens;
          counts[2 * i + 1] = tokens.bytes();
        }
        System.arraycopy(digest.digest(), 0, digests, i * SourceHash.BYTES, SourceHash.BYTES);
      }
    } catch (InputException e) {
      return TaskResult.of(e);
    }
    return new TaskResult(counts, digests, null);
  }

  private static final class Counter implements Consumer<String> {
    private long tokens;

    @Override
    public void accept(String token) {
      tokens++;
    }
  }

  /** Counts the tokens that a vocabulary does not have, a number for each chunk. */
  static TaskResult unknown(CorpusReader reader, Vocabulary vocabulary, int from, int to)
      throws IOException {
    long[] counts = new long[to - from];
    try {
      for (int i = 0; i < to - from; i++) {
        UnknownCounter counter = new UnknownCounter(vocabulary);
        try (ChunkTokens tokens = reader.open(from + i)) {
          tokens.forEach(counter);
        }
        counts[i] = counter.unknown;
      }
    } catch (InputException e) {
      return TaskResult.of(e);
    }
    return new TaskResult(counts, new byte[0], null);
  }

  private static final class UnknownCounter implements Consumer<String> {
    private final Vocabulary vocabulary;
    private long unknown;

    UnknownCounter(Vocabulary vocabulary) {
      this.vocabulary = vocabulary;
    }

    @Override
    public void accept(String token) {
      if (!vocabulary.contains(token)) {
        unknown++;
      }
    }
  }
}
