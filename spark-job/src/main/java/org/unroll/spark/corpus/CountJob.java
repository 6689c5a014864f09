// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable;

/** The Spark jobs that look at all text and bring numbers to the driver. */
final class CountJob {
  /** Text whose tokens and documents one task adds up. */
  private static final long PARTITION_BYTES = 32L << 20;

  private static final int MOST_PARTITIONS = 2048;

  /** How much larger text is than its compressed file, more or less. */
  private static final int UNPACKING = 4;

  private final JavaSparkContext spark;
  private final Broadcast<TextPlan> plan;
  private final ChunkTable table;

  CountJob(JavaSparkContext spark, Broadcast<TextPlan> plan) {
    this.spark = spark;
    this.plan = plan;
    this.table = plan.value().reader().table();
  }

  /**
   * What was counted.
   *
   * @param chunks their results, in order
   * @param top the most frequent tokens; null if they were not wanted
   * @param ids how often each id occurs; null if there were none
   */
  record Counts(List<ChunkResult> chunks, TopTokens top, long[] ids) {
    long tokens() {
      return chunks.stream().mapToLong(ChunkResult::tokens).sum();
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
    ChunkResults results = new ChunkResults();
    spark.sc().register(results);
    int partitions = partitions();
    Broadcast<TextPlan> shared = plan;
    JavaPairRDD<Integer, byte[]> blocks =
        ChunkRanges.of(spark, table)
            .flatMapToPair(
                range -> new CountTask(shared.value(), results, partitions, range[0], range[1]));
    TopTokens top =
        blocks
            .partitionBy(new HashPartitioner(partitions))
            .mapPartitions(all -> one(TopTokens.of(PartitionCounts.of(all), most, minCount)))
            .treeReduce((a, b) -> a.merge(b, most));
    return new Counts(inOrder(results.value()), top, null);
  }

  /**
   * Counts the ids that the text has with a vocabulary, and documents and bytes.
   *
   * @throws InputException if there is a problem with the input
   */
  Counts countIds(Broadcast<TokenIds> ids) {
    ChunkResults results = new ChunkResults();
    spark.sc().register(results);
    Broadcast<TextPlan> shared = plan;
    long[] counts =
        ChunkRanges.of(spark, table)
            .mapPartitions(range -> IdCounts.all(shared.value(), ids.value(), results, range))
            .treeReduce(IdCounts::plus);
    return new Counts(inOrder(results.value()), null, counts);
  }

  private static <T> Iterator<T> one(T value) {
    return List.of(value).iterator();
  }

  private int partitions() {
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

  private List<ChunkResult> inOrder(Map<Integer, ChunkResult> byChunk) {
    List<ChunkResult> chunks = new ArrayList<>();
    for (int c = 0; c < table.chunks(); c++) {
      ChunkResult result = byChunk.get(c);
      if (result == null || result.problem() != null) {
        // A task stops at its first problem, so what comes behind it has no result.
        throw new InputException(
            byChunk.entrySet().stream()
                .filter(entry -> entry.getValue().problem() != null)
                .min(Map.Entry.comparingByKey())
                .map(entry -> entry.getValue().problem())
                .orElse("The input could not be read."));
      }
      chunks.add(result);
    }
    return chunks;
  }
}
