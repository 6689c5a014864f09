// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.Arrays;
import java.util.Deque;
import org.unroll.rnn.data.SliceTable;
import org.unroll.spark.rows.Documents;
import scala.Tuple2;

/**
 * Counts tokens and hashes documents, as blocks for partitions. A token may be in several blocks of
 * a partition, so that the memory for counting is bounded however many there are.
 */
final class CountTask extends ChunkTask<Tuple2<Integer, byte[]>> {
  private static final int MOST_SLICES = 1 << 18;
  private static final int MOST_SLICE_BYTES = 1 << 24;
  private static final int MOST_DOCUMENTS = 1 << 17;

  private final int partitions;
  private final SliceTable slices = new SliceTable();
  private final DocumentHash hash = new DocumentHash();
  private final Counter counter = new Counter();
  private long[] counts = new long[1 << 9];
  private long[] hashes = new long[1 << 9];
  private int hashed;

  CountTask(TextPlan plan, ChunkResults results, int partitions, int from, int to) {
    super(plan, results, from, to);
    this.partitions = partitions;
  }

  @Override
  void fill(Deque<Tuple2<Integer, byte[]>> out) throws IOException {
    boolean more = true;
    while (more
        && slices.size() < MOST_SLICES
        && slices.bytes() < MOST_SLICE_BYTES
        && hashed < MOST_DOCUMENTS) {
      more = advance();
    }
    CountBlocks.tokens(slices, counts, plan().tokenizer(), partitions, out);
    CountBlocks.documents(hashes, hashed, partitions, out);
    Arrays.fill(counts, 0, slices.size(), 0);
    slices.clear();
    hashed = 0;
  }

  @Override
  DocumentVisitor begin(int begun) {
    counter.begin();
    return counter;
  }

  @Override
  void end(ChunkCursor ended) {
    report(counter.result(ended));
  }

  private final class Counter extends ChunkCounter {
    @Override
    public void slice(byte[] text, int from, int to) {
      int slice = slices.add(text, from, to);
      if (slice >= counts.length) {
        counts = Arrays.copyOf(counts, counts.length * 2);
      }
      counts[slice]++;
      count(1);
    }

    @Override
    public void piece(byte[] text, int from, int to) {
      super.piece(text, from, to);
      hash.add(text, from, to);
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
  }
}
