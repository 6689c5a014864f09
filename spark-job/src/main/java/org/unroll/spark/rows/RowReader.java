// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;

/** Reads the records of a file, or of a part of it, in their order. */
interface RowReader extends Closeable {

  /**
   * A record as its format has it.
   *
   * @param position orders the records of a file: the byte of its text where the record begins, or
   *     its number where a file has no lines
   * @param values null for an empty line whose number counts; by column: null, {@code String},
   *     {@code Number}, {@code Boolean}, {@code List} of those or of such lists, {@code String[]}
   *     by step, or {@link Frames}
   */
  record RawRow(long position, Object[] values) {}

  /**
   * Returns the next record, or null behind the last.
   *
   * @throws BadRowException if it cannot be used; the next call goes on behind it
   */
  RawRow next() throws IOException, BadRowException;

  /** Returns how many bytes of text have been read. */
  long bytes();

  /** Returns how many bytes so far were no UTF-8 and have been replaced. */
  long invalidBytes();

  /** The part of a reader that is the same for all formats made of lines. */
  abstract class OfLines implements RowReader {
    final Lines lines;

    OfLines(Lines lines) {
      this.lines = lines;
    }

    @Override
    public final long bytes() {
      return lines.bytes();
    }

    @Override
    public final long invalidBytes() {
      return lines.invalidBytes();
    }

    @Override
    public final void close() throws IOException {
      lines.close();
    }
  }

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
}
