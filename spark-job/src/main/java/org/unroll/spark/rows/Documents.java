// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** The documents of a part of an input, line by line; a very long line comes in pieces. */
public abstract class Documents implements Closeable {
  byte[] text = new byte[0];
  int from;
  int to = -1;
  boolean newline;
  boolean lineEnded;
  boolean ended;
  long emptyRows;
  long badRows;

  /**
   * Goes on to the next line or piece of one.
   *
   * @return false after the last
   * @throws org.unroll.rnn.io.InputException if the input cannot be used, naming file and line
   * @throws IOException if another attempt may succeed
   */
  public abstract boolean next() throws IOException;

  /** Returns the array that holds the piece, until the next one. */
  public final byte[] text() {
    return text;
  }

  /** Returns the start of the piece in {@link #text}. */
  public final int from() {
    return from;
  }

  /** Returns the end of the piece, without its newline. */
  public final int to() {
    return to;
  }

  /** Returns whether a newline follows; then it stands at {@link #to}. */
  public final boolean newline() {
    return newline;
  }

  /** Returns whether this piece ends its line, with a newline or with its document. */
  public final boolean lineEnded() {
    return lineEnded;
  }

  /** Returns whether this piece ends its document. */
  public final boolean ended() {
    return ended;
  }

  /** Returns how many rows so far had no text and count as empty documents. */
  public final long emptyRows() {
    return emptyRows;
  }

  /** Returns how many rows so far could not be used and were left out. */
  public final long badRows() {
    return badRows;
  }

  /** Returns the place of the piece, such as {@code line 7}, for messages; may read the file. */
  public final String place() throws IOException {
    return place(0);
  }

  /** Returns the place of the piece so many lines before. */
  abstract String place(int linesBefore) throws IOException;

  /** Returns the number of bytes that have been read so far. */
  public abstract long bytes();

  /** Returns how many bytes so far were no UTF-8. */
  public abstract long invalidBytes();
}
