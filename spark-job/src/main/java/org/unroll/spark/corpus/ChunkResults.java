// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.util.AccumulatorV2;

/**
 * Results by chunk, on their way to the driver beside what is shuffled. A chunk that is read again,
 * after a failure, has the same result again, so that it counts once.
 */
final class ChunkResults extends AccumulatorV2<ChunkResults.Numbered, Map<Integer, ChunkResult>> {
  private static final long serialVersionUID = 1L;

  /** Spark may send it while a task adds to it. */
  private final Map<Integer, ChunkResult> results = new ConcurrentHashMap<>();

  /** The result of a chunk. */
  record Numbered(int chunk, ChunkResult result) {}

  @Override
  public boolean isZero() {
    return results.isEmpty();
  }

  @Override
  public ChunkResults copy() {
    ChunkResults copy = new ChunkResults();
    copy.results.putAll(results);
    return copy;
  }

  @Override
  public void reset() {
    results.clear();
  }

  @Override
  public void add(Numbered one) {
    results.put(one.chunk, one.result);
  }

  @Override
  public void merge(AccumulatorV2<Numbered, Map<Integer, ChunkResult>> other) {
    results.putAll(other.value());
  }

  @Override
  public Map<Integer, ChunkResult> value() {
    return results;
  }
}
