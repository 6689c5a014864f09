// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.io.InputException;

/**
 * A place that rows come from, such as files or a folder that was prepared. Tasks on any executor
 * open its parts; a {@link RowSet} reads all of them once and keeps what it found.
 *
 * <p>The parts, one behind the other, give the rows in the order of their keys.
 */
public interface RowSource extends Serializable {

  /** A record of the user's data when it has been read: a row, the reason why it is none, a gap. */
  sealed interface Parsed permits SequenceRow, BadRow, Gap {
    /** Returns the place of the record, which orders rows as people see them. */
    RowKey key();
  }

  /** A gap is an empty line of a text whose rows go by the numbers of their lines. */
  @DefaultSerializer(JavaSerializer.class)
  record Gap(RowKey key) implements Parsed, Serializable {}

  /** The records of a part, one after the other. */
  interface RowStream extends Closeable {
    /**
     * Returns the next record, or null behind the last.
     *
     * @throws InputException if the input itself cannot be used, naming the file
     * @throws IOException if another attempt may succeed
     */
    Parsed next() throws IOException;
  }

  /** Returns the name of the form that the rows are kept in, such as {@code csv}. */
  String format();

  /** Returns the columns that rows are made of, those of tokens in their order. */
  ColumnChoice columns();

  /** Returns the number of parts, each of which is the work of one Spark task. */
  int parts();

  /** Opens the part of this number, from 0. */
  RowStream open(int part) throws IOException;

  /** Returns the place of a record as messages name it, such as {@code line 7 of a.csv}. */
  String where(RowKey key);

  /** Iterates over the records of a part as a task reads them. */
  final class Records implements Iterator<Parsed> {
    private final RowStream stream;
    private final int channels;
    private final boolean fail;
    private Parsed next;
    private boolean ended;

    /**
     * Opens a part.
     *
     * @param channels of every row; 0 for any number
     * @param fail whether nothing behind a bad row counts
     */
    Records(RowSource source, int part, int channels, boolean fail) throws IOException {
      this.stream = source.open(part);
      this.channels = channels;
      this.fail = fail;
      TaskCompletionListener atEnd = context -> close();
      TaskContext.get().addTaskCompletionListener(atEnd);
    }

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        next = read();
        ended = next == null || (next instanceof BadRow bad && (fail || bad.fatal()));
      }
      return next != null;
    }

    private Parsed read() {
      try {
        Parsed record = stream.next();
        if (record instanceof SequenceRow row && channels > 0 && row.channels() != channels) {
          return new BadRow(
              row.key(),
              "it has %s%s, but there must be %s"
                  .formatted(
                      row.channels(), (row.channels() == 1 ? " channel" : " channels"), channels));
        }
        return record;
      } catch (InputException e) {
        return new BadRow(new RowKey(0, 0), e.getMessage(), true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Parsed next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Parsed record = next;
      next = null;
      return record;
    }

    private void close() {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
