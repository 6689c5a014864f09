// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;
import org.unroll.rnn.io.InputException;

/**
 * A place that rows come from, such as files, a folder that was prepared, or a data frame. A {@link
 * RowSet} reads all of them once and keeps what it found.
 */
public interface RowSource extends Serializable {

  /** A record of the user's data when it has been read: a row, the reason why it is none, a gap. */
  sealed interface Parsed extends Serializable permits SequenceRow, BadRow, Gap {
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

  /**
   * Returns all records, to be read by a Spark job: those of its partitions, one behind the other,
   * are in the order of their keys.
   *
   * @param channels of every row; 0 for any number
   * @param fail whether nothing behind a bad row counts
   */
  JavaRDD<Parsed> records(SparkSession session, int channels, boolean fail);

  /** Returns the place of a record as messages name it, such as {@code line 7 of a.csv}. */
  String where(RowKey key);

  /** A source in parts that tasks on any executor can open. */
  interface InParts extends RowSource {
    /** Returns the number of parts, each of which is the work of one Spark task. */
    int parts();

    /** Opens the part of this number, from 0. */
    RowStream open(int part) throws IOException;

    @Override
    default JavaRDD<Parsed> records(SparkSession session, int channels, boolean fail) {
      List<Integer> all = IntStream.range(0, parts()).boxed().toList();
      return JavaSparkContext.fromSparkContext(session.sparkContext())
          .parallelize(all, Math.max(1, all.size()))
          .flatMap(part -> new Records(open(part), channels, fail));
    }
  }

  /** Iterates over the records of a part as a task reads them. */
  final class Records implements Iterator<Parsed> {
    private final RowStream stream;
    private final int channels;
    private final boolean fail;
    private Parsed next;
    private boolean ended;

    /**
     * Takes hold of a part that was opened, to be closed when the task ends.
     *
     * @param channels of every row; 0 for any number
     * @param fail whether nothing behind a bad row counts
     */
    Records(RowStream stream, int channels, boolean fail) {
      this.stream = stream;
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
