// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** The rows of a part of a file, one after the other. */
public abstract class Rows implements Closeable {

  /**
   * Goes on to the next row.
   *
   * @return false after the last
   * @throws org.unroll.rnn.io.InputException if the file cannot be used, naming it and the line
   * @throws IOException if another attempt may succeed
   */
  public abstract boolean next() throws IOException;

  /** A value of the row, by the number of its column in {@link TableSpec#wanted}; null for none. */
  public abstract String value(int column);

  /** Where the row is, such as {@code line 7}, for messages; may read the file. */
  public abstract String place() throws IOException;

  /** Bytes of the part that have been read. */
  public abstract long bytes();

  /** Bytes so far that were no UTF-8. */
  public abstract long invalidBytes();
}
