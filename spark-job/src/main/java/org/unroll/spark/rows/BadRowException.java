// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

/** A row cannot be used; those behind it may. */
final class BadRowException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long position;

  /**
   * @param position of the row, or -1 where the thrower does not know it
   * @param message what is wrong, as the rest of a sentence: {@code it has no label}
   */
  BadRowException(long position, String message) {
    super(message, null, false, false);
    this.position = position;
  }

  BadRowException(String message) {
    this(-1, message);
  }

  long position() {
    return position;
  }

  /** With the place, if that was not known. */
  BadRowException at(long place) {
    return position >= 0 ? this : new BadRowException(place, getMessage());
  }
}
