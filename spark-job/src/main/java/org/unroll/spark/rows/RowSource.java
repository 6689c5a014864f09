// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * A place that rows come from, such as files or a folder that was prepared. Tasks on any executor
 * open its parts; a {@link RowSet} reads all of them once and keeps what it found.
 *
 * <p>The parts, one behind the other, give the rows in the order of their keys, unless the source
 * is {@linkplain #scattered scattered}.
 */
public interface RowSource extends Serializable {

  /** What comes of a record of the user's data: a row, or the reason why it is none. */
  sealed interface Parsed permits SequenceRow, BadRow {
    /** Returns the place of the record, which orders rows as people see them. */
    RowKey key();
  }

  /** The records of a part, one after the other. */
  interface RowStream extends Closeable {
    /**
     * Returns the next record, or null behind the last.
     *
     * @throws org.unroll.rnn.io.InputException if the input itself cannot be used, naming the file
     * @throws IOException if another attempt may succeed
     */
    Parsed next() throws IOException;
  }

  /** Returns the name of the form that the rows are kept in, such as {@code csv}. */
  String format();

  /** Returns the names of the columns of tokens, in the order of {@link SequenceRow#tokens}. */
  List<String> textColumns();

  /** Returns the names of the columns of numbers. */
  List<String> featureColumns();

  /** Returns the name of the column of labels, or null if none is read. */
  String labelColumn();

  /** Returns the number of parts, each of which is the work of one Spark task. */
  int parts();

  /** Opens the part of this number, from 0. */
  RowStream open(int part) throws IOException;

  /** Returns the place of a record as messages name it, such as {@code line 7 of a.csv}. */
  String where(RowKey key);

  /**
   * Returns 0 if the parts follow the order of the keys. Otherwise returns the number of places of
   * the source: every key is of file 0, its position is below this number, and the rows are put in
   * order when they have been read.
   */
  default long scattered() {
    return 0;
  }
}
