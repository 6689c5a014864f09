// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.io.InputException;

/** Counts the ids of the chunks of a task. */
final class IdCounts extends ChunkCounter {
  private final SliceEncoder encoder;
  private final int eos;
  private final long[] counts;

  private IdCounts(TokenIds ids) {
    this.encoder = ids.encoder();
    this.eos = ids.eos();
    this.counts = new long[ids.size()];
  }

  /** How often each id occurs; what belongs to chunks goes into the results. */
  static Iterator<long[]> all(
      TextPlan plan, TokenIds ids, ChunkResults results, Iterator<int[]> ranges)
      throws IOException {
    IdCounts counter = new IdCounts(ids);
    while (ranges.hasNext()) {
      int[] range = ranges.next();
      counter.count(plan, results, range[0], range[1]);
    }
    return List.of(counter.counts).iterator();
  }

  private void count(TextPlan plan, ChunkResults results, int from, int to) throws IOException {
    for (int chunk = from; chunk < to; chunk++) {
      begin();
      try (ChunkCursor cursor =
          new ChunkCursor(plan.reader(), chunk, plan.tokenizer(), plan.kind(), this)) {
        boolean more = true;
        while (more) {
          more = cursor.advance();
        }
        ChunkResult result = result(cursor);
        results.add(new ChunkResults.Numbered(chunk, result));
        if (eos >= 0) {
          counts[eos] += result.lineEnds();
        }
      } catch (InputException e) {
        results.add(new ChunkResults.Numbered(chunk, ChunkResult.of(e.getMessage())));
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

  static long[] plus(long[] a, long[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
    return a;
  }
}
