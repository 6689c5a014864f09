// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** The documents of a part of an input, line by line; a very long line comes in pieces. */
public abstract class Documents implements Closeable {

  /**
   * Goes on to the next line or piece of one.
   *
   * @return false after the last
   * @throws org.unroll.rnn.io.InputException if the input cannot be used, naming file and line
   * @throws IOException if another attempt may succeed
   */
  public abstract boolean next() throws IOException;

  /** The array that holds the piece, until the next one. */
  public abstract byte[] text();

  public abstract int from();

  /** The end of the piece, without its newline. */
  public abstract int to();

  /** Whether a newline follows; then it stands at {@link #to}. */
  public abstract boolean newline();

  /** Whether this piece ends its line, with a newline or with its document. */
  public abstract boolean lineEnded();

  /** Whether this piece ends its document. */
  public abstract boolean ended();

  /** The document's name, if it has one of its own; null otherwise. */
  public abstract String id();

  /** What the document is labelled with, or null. */
  public abstract String label();

  /** Where the piece is, such as {@code line 7}, for messages; may read the file. */
  public abstract String place() throws IOException;

  /** Bytes read so far. */
  public abstract long bytes();

  /** Bytes so far that were no UTF-8. */
  public abstract long invalidBytes();

  /** Rows so far that had no text. */
  public abstract long emptyRows();
}
