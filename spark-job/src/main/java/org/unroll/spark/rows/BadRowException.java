// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/** Thrown where a record cannot be used as a row; those behind it may. */
final class BadRowException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long position;

  /**
   * A problem of a record.
   *
   * @param position of the record, or -1 where the thrower does not know it
   * @param message what is wrong, as the rest of a sentence: {@code it has no label}
   */
  BadRowException(long position, String message) {
    super(message, null, false, false);
    this.position = position;
  }

  /** A problem of a record whose position the caller adds with {@link #at}. */
  BadRowException(String message) {
    this(-1, message);
  }

  /** Returns the position of the record in its file. */
  long position() {
    return position;
  }

  /** Returns the same problem with a position, if it had none. */
  BadRowException at(long place) {
    return position >= 0 ? this : new BadRowException(place, getMessage());
  }
}
