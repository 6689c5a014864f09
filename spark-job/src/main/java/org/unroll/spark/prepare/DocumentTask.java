// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.ChunkTable;
import org.unroll.spark.corpus.ChunkTable.Chunk;
import org.unroll.spark.corpus.EncodedDocument;
import org.unroll.spark.corpus.InputProblems;
import org.unroll.spark.data.Documents;
import scala.Tuple2;

/** Encodes the documents of the chunks {@code [from, to)}, each with its place in the corpus. */
final class DocumentTask implements DocumentVisitor, Iterator<Tuple2<Long, byte[]>> {
  /** The most tokens of a document: it must fit into an array several times. */
  private static final int MOST_TOKENS = 1 << 26;

  private final TextPlan plan;
  private final TokenIds ids;
  private final SliceEncoder encoder;
  private final DocumentLayout layout;
  private final ChunkResults problems;
  private final int to;
  private final Deque<Tuple2<Long, byte[]>> ready = new ArrayDeque<>();
  private int[] tokens = new int[1 << 10];
  private int count;
  private long documents;
  private boolean nameless;
  private int chunk;
  private ChunkCursor cursor;
  private DocumentLayout.Places places;

  DocumentTask(
      TextPlan plan, TokenIds ids, DocumentLayout layout, ChunkResults problems, int from, int to) {
    this.plan = plan;
    this.ids = ids;
    this.encoder = ids.encoder();
    this.layout = layout;
    this.problems = problems;
    this.chunk = from;
    this.to = to;
    TaskCompletionListener atEnd = context -> close();
    TaskContext.get().addTaskCompletionListener(atEnd);
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && chunk < to) {
        advance();
      }
    } catch (InputException e) {
      problems.add(new ChunkResults.Numbered(chunk, ChunkResult.of(e.getMessage())));
      chunk = to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  private void advance() throws IOException {
    if (cursor == null) {
      cursor = new ChunkCursor(plan.reader(), chunk, plan.tokenizer(), plan.kind(), this);
      places = layout.places(chunk);
      documents = 0;
    }
    if (!cursor.advance()) {
      cursor.close();
      cursor = null;
      chunk++;
    } else if (nameless) {
      throw ShardFolder.unknownToken(chunk(), cursor.documents().place());
    }
  }

  private Chunk chunk() {
    return plan.reader().table().chunk(chunk);
  }

  @Override
  public void slice(byte[] text, int from, int end) {
    int more = encoder.encode(text, from, end);
    if (count + more > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(count + more, tokens.length * 2));
    }
    int[] codes = encoder.ids();
    for (int i = 0; i < more; i++) {
      nameless |= codes[i] < 0;
      tokens[count++] = codes[i];
    }
    if (count > MOST_TOKENS) {
      throw new InputException(
          "The input file "
              + InputProblems.name(chunk())
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
  public void piece(byte[] text, int from, int end) {}

  @Override
  public void documentEnd(Documents ended) throws IOException {
    long place = places.next(count);
    if (place < 0) {
      throw InputProblems.changed(chunk(), "has other text than when it was counted");
    }
    documents++;
    String id = ended.id() != null ? ended.id() : nameOf(documents - 1);
    ready.add(new Tuple2<>(place, EncodedDocument.toBytes(id, ended.label(), tokens, count)));
    count = 0;
  }

  /** The file's name, and the document's number in it from 0. */
  private String nameOf(long inChunk) {
    ChunkTable table = plan.reader().table();
    int file = table.fileOf(chunk);
    return plan.reader().name(file)
        + ":"
        + (layout.documentsBefore(table.firstChunk(file), chunk) + inChunk);
  }

  @Override
  public Tuple2<Long, byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.poll();
  }

  private void close() {
    try {
      if (cursor != null) {
        cursor.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
