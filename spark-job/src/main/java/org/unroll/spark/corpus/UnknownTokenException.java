// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.InputProblems;

/**
 * A chunk has a token without an id: leaves the tokenizer, and becomes a problem of the input where
 * the file is known.
 */
final class UnknownTokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long position;

  private UnknownTokenException(long position, IllegalArgumentException cause) {
    super(cause.getMessage(), cause);
    this.position = position;
  }

  /** The id of the token at a position of its chunk. */
  static int id(Vocabulary vocabulary, String token, long position) {
    try {
      return vocabulary.id(token);
    } catch (IllegalArgumentException e) {
      throw new UnknownTokenException(position, e);
    }
  }

  /** The same for people, with the line. */
  InputException asProblem(CorpusReader reader, int chunk) throws IOException {
    try (ChunkTokens tokens = reader.open(chunk)) {
      long line = tokens.lineOf(position);
      return InputProblems.unknownToken(tokens.chunk(), line, getMessage());
    }
  }
}
