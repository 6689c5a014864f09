// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.io.InputException;

/**
 * A task that reads the chunks {@code [from, to)} and makes records of them, a few at a time. A
 * problem with the input becomes the result of its chunk and ends the task.
 *
 * @param <R> a record
 */
abstract class ChunkTask<R> implements Iterator<R> {
  private final TextPlan plan;
  private final ChunkResults results;
  private final int to;
  private final Deque<R> ready = new ArrayDeque<>();
  private int chunk;
  private ChunkCursor cursor;

  ChunkTask(TextPlan plan, ChunkResults results, int from, int to) {
    this.plan = plan;
    this.results = results;
    this.chunk = from;
    this.to = to;
    TaskCompletionListener atEnd = context -> close();
    TaskContext.get().addTaskCompletionListener(atEnd);
  }

  /** Reads on until there are records, or no chunk is left. */
  abstract void fill(Deque<R> out) throws IOException;

  /** Takes what comes by; told of the beginning of a chunk. */
  abstract DocumentVisitor begin(int begun);

  /** Told of the end of a chunk. */
  abstract void end(ChunkCursor ended);

  /** Reads a line or a piece of one, or goes on to the next chunk; false after the last. */
  final boolean advance() throws IOException {
    if (chunk == to) {
      return false;
    }
    if (cursor == null) {
      cursor = new ChunkCursor(plan.reader(), chunk, plan.tokenizer(), plan.kind(), begin(chunk));
    }
    if (!cursor.advance()) {
      end(cursor);
      cursor.close();
      cursor = null;
      chunk++;
    }
    return true;
  }

  final TextPlan plan() {
    return plan;
  }

  /** The chunk that is being read. */
  final int chunk() {
    return chunk;
  }

  final void report(ChunkResult result) {
    results.add(new ChunkResults.Numbered(chunk, result));
  }

  @Override
  public final boolean hasNext() {
    try {
      while (ready.isEmpty() && chunk < to) {
        fill(ready);
      }
    } catch (InputException e) {
      report(ChunkResult.of(e.getMessage()));
      ready.clear();
      chunk = to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  @Override
  public final R next() {
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
