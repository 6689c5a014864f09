// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.ChunkTable.Chunk;
import org.unroll.spark.corpus.Utf8Pieces.LongWordException;
import org.unroll.spark.corpus.Utf8Pieces.MalformedException;

/** The tokens of one chunk, piece by piece. */
final class ChunkTokens implements Closeable {
  private static final Tokenizer CHARACTERS = Tokenizer.of("char");
  private static final String NEWLINE = "\n";

  private final CorpusReader reader;
  private final Chunk chunk;
  private final long first;
  private final Utf8Pieces pieces;
  private final boolean characters;

  /** Tokens of a chunk's text, which begins at byte {@code first} of the file's. */
  ChunkTokens(CorpusReader reader, Chunk chunk, long first, InputStream text) {
    this.reader = reader;
    this.chunk = chunk;
    this.first = first;
    this.characters = reader.tokenizer().equals(CHARACTERS);
    this.pieces = new Utf8Pieces(text, first == 0, characters);
  }

  Chunk chunk() {
    return chunk;
  }

  /** Bytes of text decoded so far. */
  long bytes() {
    return pieces.bytes();
  }

  /**
   * Hands over the tokens of the next piece.
   *
   * @return false, and no tokens, after the last one
   * @throws org.unroll.rnn.io.InputException if the text cannot be used
   * @throws IOException if another attempt may succeed
   */
  boolean advance(Consumer<String> out) throws IOException {
    String piece = nextPiece();
    if (piece == null) {
      return false;
    }
    if (characters || pieces.isLineEnded()) {
      reader.tokenizer().tokenize(piece, out);
    } else {
      // The tokenizer ends every text with the end of its last line, which has not come yet.
      reader.tokenizer().tokenize(piece, new AllButLast(out));
    }
    return true;
  }

  /** Hands over all tokens. */
  void forEach(Consumer<String> out) throws IOException {
    boolean more = true;
    while (more) {
      more = advance(out);
    }
  }

  private String nextPiece() throws IOException {
    try {
      return pieces.next();
    } catch (MalformedException e) {
      long offset = first + e.offset();
      throw InputProblems.malformed(chunk, reader.lineAt(chunk, offset), offset);
    } catch (LongWordException e) {
      long line = reader.lineAt(chunk, first + e.offset());
      throw InputProblems.longWord(chunk, line, Utf8Pieces.LONGEST_WORD);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  private static final class AllButLast implements Consumer<String> {
    private final Consumer<String> out;
    private String held;

    AllButLast(Consumer<String> out) {
      this.out = out;
    }

    @Override
    public void accept(String token) {
      if (held != null) {
        out.accept(held);
      }
      held = token;
    }
  }

  /**
   * The line of the chunk's file, from 1, that holds its token number {@code token}. Only for
   * messages, and at the start.
   */
  long lineOf(long token) throws IOException {
    LineEnds ends = new LineEnds(token);
    boolean more = true;
    while (more && ends.seen < token) {
      more = advance(ends);
    }
    return reader.lineAt(chunk, first) + ends.lines;
  }

  private static final class LineEnds implements Consumer<String> {
    private final long until;
    private long seen;
    private long lines;

    LineEnds(long until) {
      this.until = until;
    }

    @Override
    public void accept(String token) {
      if (seen++ < until && (token.equals(NEWLINE) || token.equals(Vocabulary.EOS))) {
        lines++;
      }
    }
  }

  @Override
  public void close() throws IOException {
    pieces.close();
  }
}
