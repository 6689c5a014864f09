// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.unroll.spark.rows.RowReader.BadRowException;
import org.unroll.spark.rows.Utf8Lines.BadTextException;
import org.unroll.spark.rows.Utf8Lines.OnInvalid;

/**
 * The lines of a file as the rows of its formats are made of them: each whole, with its place, and
 * without the {@code \n} or {@code \r\n} that ends it. A line that cannot be used does not take
 * those behind it along.
 */
final class Lines implements Closeable {
  private final Utf8Lines lines;
  private final long first;
  private final MessageDigest digest;
  private long position;
  private long end;
  private int length;
  private BadRowException problem;

  /**
   * Takes over a stream.
   *
   * @param first the byte of its file where the stream begins
   * @param digest sees the lines that are read; null for none
   */
  Lines(InputStream in, long first, OnInvalid onInvalid, MessageDigest digest) {
    this.lines = new Utf8Lines(in, first == 0, onInvalid);
    this.first = first;
    this.digest = digest;
    this.end = first;
  }

  /** Goes to the next line; returns false if there is none. */
  boolean advance() throws IOException {
    position = end;
    problem = null;
    length = 0;
    try {
      if (!lines.next()) {
        return false;
      }
      length = lines.to() - lines.from();
      if (digest != null) {
        digest.update(lines.text(), lines.from(), length + (lines.newline() ? 1 : 0));
      }
    } catch (BadTextException e) {
      problem = new BadRowException(position, describe(e));
      if (e.kind == BadTextException.Kind.ENDLESS) {
        lines.skipLine();
      }
    }
    end = first + lines.bytes();
    return true;
  }

  private String describe(BadTextException e) throws BadTextException {
    return switch (e.kind) {
      case MALFORMED ->
          ("it is not valid UTF-8 at byte %s of the text (convert the file, for example"
                  + " with %s, or take such bytes as U+FFFD with --on-invalid replace)")
              .formatted(first + e.offset, InputProblems.CONVERSION);
      case ENDLESS -> "it has more than " + e.longest + " bytes, the most that a line may have";
      case UTF_16LE, UTF_16BE, CARRIAGE_RETURNS -> throw e;
    };
  }

  /** Returns the byte of the file where the line begins. */
  long position() {
    return position;
  }

  /** Returns whether the line has nothing but blanks, tabs and its end. */
  boolean isBlank() {
    for (int i = lines.from(); i < lines.from() + length; i++) {
      byte c = lines.text()[i];
      if (c != ' ' && c != '\t' && c != '\r') {
        return false;
      }
    }
    return problem == null;
  }

  /** Returns whether the line has nothing but its end. */
  boolean isEmpty() {
    return problem == null && (length == 0 || (length == 1 && lines.text()[lines.from()] == '\r'));
  }

  /**
   * Returns the line without its end.
   *
   * @throws BadRowException if it is no UTF-8 or too long
   */
  String text() throws BadRowException {
    if (problem != null) {
      throw problem;
    }
    int count = length;
    if (count > 0 && lines.text()[lines.from() + count - 1] == '\r') {
      count--;
    }
    return new String(lines.text(), lines.from(), count, StandardCharsets.UTF_8);
  }

  /** Returns how many bytes of text have been read. */
  long bytes() {
    return lines.bytes();
  }

  /** Returns how many bytes so far were no UTF-8 and have been replaced. */
  long invalidBytes() {
    return lines.invalidBytes();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
