// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import org.unroll.spark.rows.Documents;

/** Counts what comes by in one chunk. */
abstract class ChunkCounter implements DocumentVisitor {
  private long tokens;
  private long documents;
  private long lineEnds;
  private long notEmpty;
  private boolean anyText;
  private long tokensBefore;
  private BinCounts lengths = new BinCounts();

  /** Begins with a chunk. */
  final void begin() {
    tokens = 0;
    documents = 0;
    lineEnds = 0;
    notEmpty = 0;
    anyText = false;
    tokensBefore = 0;
    lengths = new BinCounts();
  }

  final void count(int more) {
    tokens += more;
  }

  @Override
  public final void lineEnd() {
    tokens++;
    lineEnds++;
  }

  @Override
  public void piece(byte[] text, int from, int to) {
    anyText |= to > from;
  }

  @Override
  public void documentEnd(Documents ended) throws IOException {
    documents++;
    notEmpty += anyText ? 1 : 0;
    anyText = false;
    lengths.add(tokens - tokensBefore);
    tokensBefore = tokens;
  }

  /** What was counted since the beginning of the chunk. */
  final ChunkResult result(ChunkCursor cursor) {
    Documents all = cursor.documents();
    return new ChunkResult(
        tokens,
        documents,
        all.bytes(),
        all.invalidBytes(),
        all.emptyRows(),
        lineEnds,
        notEmpty,
        lengths,
        cursor.digest(),
        null);
  }
}
