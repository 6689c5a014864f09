// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.io.InputException;

/** The sequences of a stream of rows; bad rows end it or are left out, as was asked for. */
final class SequenceRows implements Iterator<SequenceRow> {
  private final SequenceReader reader;
  private final RowStream stream;
  private SequenceRow next;
  private boolean ended;
  private long read;
  private final Map<Integer, Long> lastRow = new HashMap<>();
  private long skipped;
  private Skipped firstSkipped;

  /**
   * A row that was left out.
   *
   * @param reason with its line and file
   */
  record Skipped(RowKey key, String reason) implements Serializable {}

  SequenceRows(SequenceReader reader, RowStream stream) {
    this.reader = reader;
    this.stream = stream;
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener atEnd = context -> close();
      task.addTaskCompletionListener(atEnd);
    }
  }

  /**
   * @throws InputException at a bad row, unless those are left out
   */
  @Override
  public boolean hasNext() {
    while (next == null && !ended) {
      try {
        advance();
      } catch (BadRowException e) {
        refuse(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return next != null;
  }

  private void advance() throws IOException, BadRowException {
    // Counted before it is read: a row that cannot be is one, too.
    read++;
    RawRow raw = stream.next();
    ended = raw == null;
    if (ended) {
      read--;
    } else {
      lastRow.merge(stream.file(), raw.position(), Math::max);
      SequenceRow row = reader.assembler().row(stream.file(), raw);
      next = reader.part().has(row) ? row : null;
    }
  }

  private void refuse(BadRowException e) {
    RowKey key = new RowKey(stream.file(), e.position());
    if (reader.onBadRow() == OnBadRow.FAIL) {
      throw new BadInputRowException(
          key, RowProblems.text(stream.where(e.position()), e.getMessage()));
    }
    if (skipped++ == 0) {
      firstSkipped = new Skipped(key, stream.where(e.position()) + ": " + e.getMessage());
    }
  }

  @Override
  public SequenceRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    SequenceRow row = next;
    next = null;
    return row;
  }

  /** Rows of the stream up to the one that {@link #next} gave last, those left out among them. */
  long read() {
    return read;
  }

  /** The highest position of each file's rows so far, those left out among them. */
  Map<Integer, Long> lastRow() {
    return lastRow;
  }

  /** Rows left out so far, because they cannot be used. */
  long skipped() {
    return skipped;
  }

  /** The first of them, or null. */
  Skipped firstSkipped() {
    return firstSkipped;
  }

  private void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
