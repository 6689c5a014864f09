// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.InputProblems;
import org.unroll.spark.rows.Utf8Lines;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/** The tokens of one chunk, line by line. */
final class ChunkTokens implements Closeable {
  private static final String NEWLINE = "\n";

  private final CorpusReader reader;
  private final Chunk chunk;
  private final long first;
  private final Utf8Lines lines;
  private final Slicer slicer;

  /** Tokens of a chunk's text, which begins at byte {@code first} of the file's. */
  ChunkTokens(CorpusReader reader, Chunk chunk, long first, InputStream text) {
    this.reader = reader;
    this.chunk = chunk;
    this.first = first;
    this.slicer = reader.tokenizer().slicer();
    this.lines = new Utf8Lines(text, first == 0, OnInvalid.FAIL, slicer::boundary);
  }

  Chunk chunk() {
    return chunk;
  }

  /** Bytes of text decoded so far. */
  long bytes() {
    return lines.bytes();
  }

  /**
   * Hands over the tokens of the next line, or of a part of it.
   *
   * @return false, and no tokens, after the last one
   * @throws org.unroll.rnn.io.InputException if the text cannot be used
   * @throws IOException if another attempt may succeed
   */
  boolean advance(Consumer<String> out) throws IOException {
    if (!nextLine()) {
      return false;
    }
    Tokenizer tokenizer = reader.tokenizer();
    Slicer.Sink sink = (text, from, to) -> out.accept(tokenizer.token(text, from, to));
    if (!tokenizer.endsLines()) {
      slicer.cut(lines.text(), lines.from(), lines.to() + (lines.newline() ? 1 : 0), sink);
      return true;
    }
    slicer.cut(lines.text(), lines.from(), lines.to(), sink);
    if (lines.ended()) {
      out.accept(Vocabulary.EOS);
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

  private boolean nextLine() throws IOException {
    try {
      return lines.next();
    } catch (Utf8Lines.BadTextException e) {
      throw InputProblems.badText(chunk, first, e, reader::lineAt);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
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
    lines.close();
  }
}
