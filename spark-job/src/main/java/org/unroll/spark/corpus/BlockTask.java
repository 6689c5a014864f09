// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.apache.spark.TaskContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.TokenBlocks.Block;

/**
 * Makes the blocks of the chunks {@code [from, to)}, one after another. A problem with the input
 * becomes the result of its chunk and ends the task, unless nobody waits for results: then it is
 * thrown.
 */
final class BlockTask implements Iterator<Block>, Closeable {
  /** The most tokens of a block, whose numbers have to fit into three bytes. */
  private static final int MOST_TOKENS = 1 << 20;

  private static final int MOST_SLICE_BYTES = 1 << 24;
  private static final byte[] EOS = Vocabulary.EOS.getBytes(StandardCharsets.UTF_8);

  private final TextPlan plan;
  private final CollectionAccumulator<ChunkCounts> results;
  private final int to;
  private final Deque<Block> ready = new ArrayDeque<>();
  private final SliceTable slices = new SliceTable();
  private final int[] numbers = new int[MOST_TOKENS];

  /** Makes ids of byte pairs; null where slices are counted, or get their ids later. */
  private final TokenIds.Encoder encoder;

  /** The bytes of such an id. */
  private final int width;

  private LongStream.Builder documents = LongStream.builder();
  private int count;
  private int chunk;
  private TextPlan.Cursor cursor;
  private Recorder recorder;

  /**
   * Begins before the first chunk.
   *
   * @param results take the numbers of each chunk; or null
   */
  BlockTask(TextPlan plan, CollectionAccumulator<ChunkCounts> results, int from, int to) {
    this.plan = plan;
    this.results = results;
    this.chunk = from;
    this.to = to;
    if (plan.tokenizer() instanceof BpeTokenizer bytePairs && !plan.counted()) {
      encoder = TokenIds.encoder(bytePairs);
      width = Block.width(bytePairs.size());
    } else {
      encoder = null;
      width = 0;
    }
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener atEnd = context -> close();
      task.addTaskCompletionListener(atEnd);
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && chunk < to) {
        advance();
      }
    } catch (InputException e) {
      if (results == null) {
        throw e;
      }
      report(ChunkCounts.ofProblem(chunk, e.getMessage()));
      ready.clear();
      chunk = to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  @Override
  public Block next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.poll();
  }

  /** Reads a line or a piece of one, or goes on to the next chunk. */
  private void advance() throws IOException {
    if (cursor == null) {
      recorder = new Recorder();
      cursor = new TextPlan.Cursor(plan, chunk, recorder);
    }
    if (!cursor.advance()) {
      finishBlock();
      report(recorder.counts(chunk, cursor));
      cursor.close();
      cursor = null;
      chunk++;
    }
  }

  private void report(ChunkCounts counts) {
    if (results != null) {
      results.add(counts);
    }
  }

  private void finishBlock() {
    if (count > 0) {
      long[] hashes = documents.build().toArray();
      ready.add(
          encoder == null
              ? Block.of(chunk, slices, numbers, count, hashes)
              : new Block(
                  chunk, null, null, null, Block.pack(numbers, count, width), width, hashes));
    }
    slices.clear();
    count = 0;
    documents = LongStream.builder();
  }

  private void add(int number) {
    numbers[count++] = number;
    if (count == MOST_TOKENS || slices.bytes() >= MOST_SLICE_BYTES) {
      finishBlock();
    }
  }

  @Override
  public void close() {
    try {
      if (cursor != null) {
        cursor.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Recorder extends ChunkCounts.Counter {
    private final int[] ids = new int[TokenIds.Encoder.MOST_IDS];
    private final ContentHash.Document hash = new ContentHash.Document();

    @Override
    public void slice(byte[] text, int from, int to) {
      if (encoder == null) {
        super.slice(text, from, to);
        add(slices.add(text, from, to));
        return;
      }
      int many = encoder.encode(text, from, to, ids);
      count(many);
      for (int i = 0; i < many; i++) {
        add(ids[i]);
      }
    }

    @Override
    void piece(byte[] text, int from, int to) {
      super.piece(text, from, to);
      if (plan.counted()) {
        hash.add(text, from, to);
      }
    }

    @Override
    void documentEnd() {
      super.documentEnd();
      hash.end(documents);
    }

    @Override
    void lineEnd() {
      super.lineEnd();
      add(slices.add(EOS, 0, EOS.length));
    }
  }
}
