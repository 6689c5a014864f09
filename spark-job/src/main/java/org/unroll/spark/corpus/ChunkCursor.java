// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.security.MessageDigest;
import org.unroll.rnn.data.Slicer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.Documents;

/**
 * Goes through the documents of a chunk. In a stream the ends of lines are tokens, newlines or
 * {@link org.unroll.rnn.data.Vocabulary#EOS}; a document of its own has them within it only, and
 * only where they are characters.
 */
final class ChunkCursor implements Closeable {
  private final Documents documents;
  private final Slicer slicer;
  private final boolean endsLines;
  private final boolean stream;
  private final DocumentVisitor visitor;
  private final MessageDigest digest = SourceHash.digest();

  ChunkCursor(
      DocumentReader reader, int chunk, Tokenizer tokenizer, Kind kind, DocumentVisitor visitor)
      throws IOException {
    this.slicer = tokenizer.slicer();
    this.endsLines = tokenizer.endsLines();
    this.stream = kind == Kind.STREAM;
    this.visitor = visitor;
    this.documents = reader.open(chunk, slicer, digest);
  }

  /** Goes on by a line or a piece of one; false at the end. */
  boolean advance() throws IOException {
    if (!documents.next()) {
      return false;
    }
    byte[] text = documents.text();
    int from = documents.from();
    int to = documents.to();
    boolean ended = documents.ended();
    if (!stream && ended && to > from && documents.newline() && text[to - 1] == '\r') {
      to--;
    }
    visitor.piece(text, from, to);
    if (endsLines) {
      slicer.cut(text, from, to, visitor);
      if (stream && documents.lineEnded()) {
        visitor.lineEnd();
      }
    } else {
      boolean newline = documents.newline() && (stream || !ended);
      slicer.cut(text, from, newline ? to + 1 : to, visitor);
    }
    if (ended) {
      visitor.documentEnd(documents);
    }
    return true;
  }

  Documents documents() {
    return documents;
  }

  /** The digest of all that was read; once, at the end. */
  byte[] digest() {
    return digest.digest();
  }

  @Override
  public void close() throws IOException {
    documents.close();
  }
}
