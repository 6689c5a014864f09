// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.Documents;
import scala.Tuple2;

/** The count job looks at all text, on Spark, and brings numbers to the driver. */
final class CountJob {
  /** Text whose tokens and documents one task adds up. */
  private static final long PARTITION_BYTES = 32L << 20;

  private static final int MOST_PARTITIONS = 2048;

  /** The factor by which text is larger than its compressed file, more or less. */
  private static final int UNPACKING = 4;

  private final JavaSparkContext spark;
  private final Broadcast<TextPlan> plan;

  CountJob(JavaSparkContext spark, Broadcast<TextPlan> plan) {
    this.spark = spark;
    this.plan = plan;
  }

  /**
   * Counts holds what was counted.
   *
   * @param chunks their numbers, in order
   * @param top the most frequent tokens; null if they were not wanted
   * @param ids how often each id occurs; null if there were none
   */
  record Counts(List<ChunkCounts> chunks, TopTokens top, long[] ids) {
    long tokens() {
      return ChunkCounts.tokens(chunks);
    }
  }

  /**
   * Counts tokens, documents and bytes, and finds the most frequent tokens, in one pass.
   *
   * @param most tokens to find; no more than these come to the driver
   * @param minCount those that occur less often are not among them
   * @throws InputException if there is a problem with the input
   */
  Counts countTokens(int most, long minCount) {
    ChunkCounts.Results results = ChunkCounts.Results.register(spark);
    ChunkTable table = plan.value().table();
    int partitions = partitions(spark, table);
    Broadcast<TextPlan> shared = plan;
    JavaPairRDD<Integer, byte[]> blocks =
        plan.value()
            .ranges(spark)
            .flatMapToPair(
                range -> new TokenTask(shared.value(), results, partitions, range[0], range[1]));
    TopTokens top = CountBlocks.top(blocks, partitions, most, minCount);
    return new Counts(results.inOrder(table.chunks()), top, null);
  }

  /**
   * Counts the ids that the text has with a vocabulary, and documents and bytes.
   *
   * @throws InputException if there is a problem with the input
   */
  Counts countIds(Broadcast<TokenIds> ids) {
    ChunkCounts.Results results = ChunkCounts.Results.register(spark);
    Broadcast<TextPlan> shared = plan;
    long[] counts =
        plan.value()
            .ranges(spark)
            .mapPartitions(ranges -> IdCounter.count(shared.value(), ids.value(), results, ranges))
            .treeReduce(CountJob::plus);
    return new Counts(results.inOrder(plan.value().table().chunks()), null, counts);
  }

  private static long[] plus(long[] a, long[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
    return a;
  }

  /** Returns how many partitions add up the counts of a text. */
  static int partitions(JavaSparkContext spark, ChunkTable table) {
    long bytes = 0;
    for (int f = 0; f < table.files(); f++) {
      if (table.firstChunk(f) < table.firstChunk(f + 1)) {
        ChunkTable.Chunk chunk = table.chunk(table.firstChunk(f));
        bytes += chunk.packed() ? UNPACKING * chunk.fileBytes() : chunk.fileBytes();
      }
    }
    long wanted = Math.max(spark.defaultParallelism(), bytes / PARTITION_BYTES);
    return (int) Math.min(MOST_PARTITIONS, Math.max(1, wanted));
  }

  /** Counts tokens and hashes documents, as blocks for partitions. */
  private static final class TokenTask extends ChunkTask<Tuple2<Integer, byte[]>> {
    private static final int MOST_DOCUMENTS = 1 << 17;

    private final int partitions;
    private final CountBlocks.Table table = new CountBlocks.Table();
    private final ContentHash.Document hash = new ContentHash.Document();
    private final Counter counter = new Counter();
    private long[] hashes = new long[1 << 9];
    private int hashed;

    TokenTask(TextPlan plan, ChunkCounts.Results results, int partitions, int from, int to) {
      super(plan, results, from, to);
      this.partitions = partitions;
    }

    @Override
    void fill(Deque<Tuple2<Integer, byte[]>> out) throws IOException {
      boolean more = true;
      while (more && !table.isFull() && hashed < MOST_DOCUMENTS) {
        more = advance();
      }
      table.drain(plan().tokenizer(), partitions, out);
      CountBlocks.documents(hashes, hashed, partitions, out);
      hashed = 0;
    }

    @Override
    TextPlan.Visitor begin(int begun) {
      counter.begin();
      return counter;
    }

    @Override
    void end(TextPlan.Cursor ended) {
      report(counter.counts(ended));
    }

    private final class Counter extends ChunkCounts.Counter {
      @Override
      public void slice(byte[] text, int from, int to) {
        table.add(text, from, to, 1);
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

  /** Counts the ids of the chunks of a task. */
  private static final class IdCounter extends ChunkCounts.Counter {
    private final TokenIds.Encoder encoder;
    private final int eos;
    private final long[] counts;

    private IdCounter(TokenIds ids) {
      this.encoder = ids.encoder();
      this.eos = ids.eos();
      this.counts = new long[ids.size()];
    }

    /** Counts how often each id occurs; what belongs to chunks goes into the results. */
    static Iterator<long[]> count(
        TextPlan plan, TokenIds ids, ChunkCounts.Results results, Iterator<int[]> ranges)
        throws IOException {
      IdCounter counter = new IdCounter(ids);
      while (ranges.hasNext()) {
        int[] range = ranges.next();
        counter.count(plan, results, range[0], range[1]);
      }
      return List.of(counter.counts).iterator();
    }

    private void count(TextPlan plan, ChunkCounts.Results results, int from, int to)
        throws IOException {
      for (int chunk = from; chunk < to; chunk++) {
        begin();
        try (TextPlan.Cursor cursor = plan.open(chunk, this)) {
          boolean more = true;
          while (more) {
            more = cursor.advance();
          }
          ChunkCounts found = counts(cursor);
          results.add(new ChunkCounts.Numbered(chunk, found));
          if (eos >= 0) {
            counts[eos] += found.lineEnds();
          }
        } catch (InputException e) {
          results.add(new ChunkCounts.Numbered(chunk, ChunkCounts.ofProblem(e.getMessage())));
          break;
        }
      }
    }

    @Override
    public void slice(byte[] text, int from, int to) {
      int count = encoder.encode(text, from, to);
      int[] ids = encoder.ids();
      for (int i = 0; i < count; i++) {
        if (ids[i] >= 0) {
          counts[ids[i]]++;
        }
      }
      count(count);
    }
  }
}
