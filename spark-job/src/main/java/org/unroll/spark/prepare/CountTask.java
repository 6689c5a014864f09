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
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.data.Documents;
import scala.Tuple2;

/**
 * Counts the tokens of the chunks {@code [from, to)} and hashes their documents, as blocks for
 * partitions. A token may be in several blocks of a partition, so that the memory for counting is
 * bounded however many there are.
 */
final class CountTask extends ChunkCounter implements Iterator<Tuple2<Integer, byte[]>> {
  private static final int MOST_SLICES = 1 << 18;
  private static final int MOST_SLICE_BYTES = 1 << 24;
  private static final int MOST_DOCUMENTS = 1 << 17;

  private final TextPlan plan;
  private final ChunkResults results;
  private final int partitions;
  private final int to;
  private final SliceTable slices = new SliceTable();
  private final DocumentHash hash = new DocumentHash();
  private final Deque<Tuple2<Integer, byte[]>> blocks = new ArrayDeque<>();
  private long[] counts = new long[1 << 9];
  private long[] hashes = new long[1 << 9];
  private int hashed;
  private int chunk;
  private ChunkCursor cursor;

  CountTask(TextPlan plan, ChunkResults results, int partitions, int from, int to) {
    this.plan = plan;
    this.results = results;
    this.partitions = partitions;
    this.chunk = from;
    this.to = to;
    TaskCompletionListener atEnd = context -> close();
    TaskContext.get().addTaskCompletionListener(atEnd);
  }

  @Override
  public boolean hasNext() {
    try {
      while (blocks.isEmpty() && chunk < to) {
        fill();
      }
    } catch (InputException e) {
      results.add(new ChunkResults.Numbered(chunk, ChunkResult.of(e.getMessage())));
      chunk = to;
      blocks.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !blocks.isEmpty();
  }

  /** Counts on until there is enough for blocks. */
  private void fill() throws IOException {
    while (chunk < to
        && slices.size() < MOST_SLICES
        && slices.bytes() < MOST_SLICE_BYTES
        && hashed < MOST_DOCUMENTS) {
      if (cursor == null) {
        begin();
        cursor = new ChunkCursor(plan.reader(), chunk, plan.tokenizer(), plan.kind(), this);
      }
      if (!cursor.advance()) {
        results.add(new ChunkResults.Numbered(chunk, result(cursor)));
        cursor.close();
        cursor = null;
        chunk++;
      }
    }
    CountBlocks.tokens(slices, counts, plan.tokenizer(), partitions, blocks);
    CountBlocks.documents(hashes, hashed, partitions, blocks);
    Arrays.fill(counts, 0, slices.size(), 0);
    slices.clear();
    hashed = 0;
  }

  @Override
  public void slice(byte[] text, int from, int end) {
    int slice = slices.add(text, from, end);
    if (slice >= counts.length) {
      counts = Arrays.copyOf(counts, counts.length * 2);
    }
    counts[slice]++;
    count(1);
  }

  @Override
  public void piece(byte[] text, int from, int end) {
    super.piece(text, from, end);
    hash.add(text, from, end);
  }

  @Override
  public void documentEnd(Documents ended) throws IOException {
    super.documentEnd(ended);
    if (!hash.isEmpty()) {
      if (2 * hashed + 1 >= hashes.length) {
        hashes = Arrays.copyOf(hashes, hashes.length * 2);
      }
      hashes[2 * hashed] = hash.high();
      hashes[2 * hashed + 1] = hash.low();
      hashed++;
    }
    hash.reset();
  }

  @Override
  public Tuple2<Integer, byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return blocks.poll();
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
