// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/**
 * Occurrences of the tokens of the chunks {@code [from, to)}. A token may come several times, so
 * that the memory for counting is bounded however many there are.
 */
final class TokenCounts implements Iterator<Tuple2<String, Long>> {
  private static final int MOST_TOKENS = 1 << 18;

  private final CorpusReader reader;
  private final int to;
  private int chunk;
  private ChunkTokens open;
  private Iterator<Map.Entry<String, long[]>> batch = Collections.emptyIterator();

  TokenCounts(CorpusReader reader, int from, int to) {
    this.reader = reader;
    this.chunk = from;
    this.to = to;
    TaskCompletionListener atEnd = context -> close();
    TaskContext.get().addTaskCompletionListener(atEnd);
  }

  @Override
  public boolean hasNext() {
    try {
      return batch.hasNext() || fill();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts on until there is enough for a batch. */
  private boolean fill() throws IOException {
    Map<String, long[]> counts = new HashMap<>();
    while (counts.size() < MOST_TOKENS && chunk < to) {
      if (open == null) {
        open = reader.open(chunk);
      }
      if (!open.advance(token -> counts.computeIfAbsent(token, t -> new long[1])[0]++)) {
        open.close();
        open = null;
        chunk++;
      }
    }
    batch = counts.entrySet().iterator();
    return batch.hasNext();
  }

  @Override
  public Tuple2<String, Long> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Map.Entry<String, long[]> entry = batch.next();
    return new Tuple2<>(entry.getKey(), entry.getValue()[0]);
  }

  private void close() {
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
