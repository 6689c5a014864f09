// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
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
 * A chunk task reads the chunks {@code [from, to)} and makes records of them, a few at a time. A
 * problem with the input becomes the result of its chunk and ends the task, unless nobody waits for
 * results: then it is thrown.
 *
 * @param <R> a record
 */
abstract class ChunkTask<R> implements Iterator<R>, Closeable {
  private final TextPlan plan;
  private final ChunkCounts.Results results;
  private final int to;
  private final Deque<R> ready = new ArrayDeque<>();
  private int chunk;
  private TextPlan.Cursor cursor;

  /**
   * Begins before the first chunk.
   *
   * @param results take the numbers of each chunk; or null
   */
  ChunkTask(TextPlan plan, ChunkCounts.Results results, int from, int to) {
    this.plan = plan;
    this.results = results;
    this.chunk = from;
    this.to = to;
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener atEnd = context -> closeUnchecked();
      task.addTaskCompletionListener(atEnd);
    }
  }

  /** Reads on until there are records, or no chunk is left. */
  abstract void fill(Deque<R> out) throws IOException;

  /** Is told of the beginning of a chunk, and returns what takes its text. */
  abstract TextPlan.Visitor begin(int begun);

  /** Is told of the end of a chunk. */
  abstract void end(TextPlan.Cursor ended);

  /** Reads a line or a piece of one, or goes on to the next chunk; returns false after the last. */
  final boolean advance() throws IOException {
    if (chunk == to) {
      return false;
    }
    if (cursor == null) {
      cursor = plan.open(chunk, begin(chunk));
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

  /** Returns the chunk that is being read. */
  final int chunk() {
    return chunk;
  }

  final void report(ChunkCounts counts) {
    if (results != null) {
      results.add(new ChunkCounts.Numbered(chunk, counts));
    }
  }

  @Override
  public final boolean hasNext() {
    try {
      while (ready.isEmpty() && chunk < to) {
        fill(ready);
      }
    } catch (InputException e) {
      if (results == null) {
        throw e;
      }
      report(ChunkCounts.ofProblem(e.getMessage()));
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

  private void closeUnchecked() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public final void close() throws IOException {
    if (cursor != null) {
      cursor.close();
    }
  }
}
