// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.Arrays;
import java.util.Deque;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.Documents;
import org.unroll.spark.rows.InputProblems;
import scala.Tuple2;

/** Encodes documents, each with its place in the corpus. */
final class DocumentTask extends ChunkTask<Tuple2<Long, byte[]>> implements DocumentVisitor {
  /** The most tokens of a document: it must fit into an array several times. */
  private static final int MOST_TOKENS = 1 << 26;

  private final SliceEncoder encoder;
  private final DocumentLayout layout;
  private int[] tokens = new int[1 << 10];
  private int count;
  private long documents;
  private boolean hasUnknown;
  private Deque<Tuple2<Long, byte[]>> out;
  private DocumentLayout.Places places;

  DocumentTask(
      TextPlan plan, TokenIds ids, DocumentLayout layout, ChunkResults problems, int from, int to) {
    super(plan, problems, from, to);
    this.encoder = ids.encoder();
    this.layout = layout;
  }

  @Override
  void fill(Deque<Tuple2<Long, byte[]>> ready) throws IOException {
    out = ready;
    advance();
  }

  @Override
  DocumentVisitor begin(int begun) {
    places = layout.places(begun);
    documents = 0;
    return this;
  }

  @Override
  void end(ChunkCursor ended) {}

  private ChunkTable.Chunk file() {
    return plan().reader().table().chunk(chunk());
  }

  @Override
  public void slice(byte[] text, int from, int to) {
    int more = encoder.encode(text, from, to);
    if (count + more > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(count + more, tokens.length * 2));
    }
    int[] codes = encoder.ids();
    for (int i = 0; i < more; i++) {
      hasUnknown |= codes[i] < 0;
      tokens[count++] = codes[i];
    }
    if (count > MOST_TOKENS) {
      throw new InputException(
          "The input file "
              + InputProblems.name(file())
              + " has a document of more than "
              + MOST_TOKENS
              + " tokens. Prepare it as a stream (--kind stream), or cut it.");
    }
  }

  @Override
  public void lineEnd() {
    throw new IllegalStateException("lines do not end in documents");
  }

  @Override
  public void piece(byte[] text, int from, int to) {}

  @Override
  public void documentEnd(Documents ended) throws IOException {
    if (hasUnknown) {
      throw CorpusShardFolder.unknownToken(file(), ended.place());
    }
    long place = places.next(count);
    if (place < 0) {
      throw InputProblems.changed(file(), "has other text than when it was counted");
    }
    String id = ended.id() != null ? ended.id() : name(documents);
    out.add(new Tuple2<>(place, EncodedDocument.toBytes(id, ended.label(), tokens, count)));
    documents++;
    count = 0;
  }

  /** The file's name, and the document's number in it from 0. */
  private String name(long inChunk) {
    ChunkTable table = plan().reader().table();
    int file = table.fileOf(chunk());
    long before = layout.documentsBefore(table.firstChunk(file), chunk());
    return table.name(file) + ":" + (before + inChunk);
  }
}
