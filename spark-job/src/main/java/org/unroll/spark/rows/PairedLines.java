// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import org.unroll.rnn.io.InputException;

/**
 * Reads two files side by side, of which a line of the one says what is to be written about the
 * same line of the other. Lines that are empty in both are gaps; a line that is empty in one of
 * them is a row that cannot be used, and so is one that cannot be read.
 */
final class PairedLines implements RowReader {
  private final Side source;
  private final Side target;

  /** A file of which line after line is read. */
  private static final class Side implements Closeable {
    private final RowReader lines;
    private final String name;
    private long count;
    private RawRow row;
    private BadRowException problem;

    Side(RowReader lines, String name) {
      this.lines = lines;
      this.name = name;
    }

    /** Goes to the next line; returns false behind the last. */
    boolean advance() throws IOException {
      row = null;
      problem = null;
      try {
        row = lines.next();
      } catch (BadRowException e) {
        problem = e;
      }
      boolean more = row != null || problem != null;
      count += more ? 1 : 0;
      return more;
    }

    boolean isEmpty() {
      return problem == null && row.values() == null;
    }

    String place() {
      return "line " + count + " of " + name;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }

  /**
   * Takes over the readers of the two files, which are closed with this one.
   *
   * @param sourceName of the file that is read, for messages
   * @param targetName of the file with what is to be written
   */
  PairedLines(RowReader sources, String sourceName, RowReader targets, String targetName) {
    this.source = new Side(sources, sourceName);
    this.target = new Side(targets, targetName);
  }

  @Override
  public RawRow next() throws IOException, BadRowException {
    boolean more = source.advance();
    if (more != target.advance()) {
      throw unequal();
    }
    if (!more) {
      return null;
    }
    if (source.problem != null) {
      throw source.problem;
    }
    long position = source.row.position();
    if (target.problem != null) {
      throw new BadRowException(
          position, target.place() + " goes with it, and " + target.problem.getMessage());
    }
    if (source.isEmpty() && target.isEmpty()) {
      return source.row;
    }
    if (source.isEmpty()) {
      throw new BadRowException(position, "it is empty, but " + target.place() + " is not");
    }
    if (target.isEmpty()) {
      throw new BadRowException(position, target.place() + " goes with it, and is empty");
    }
    return new RawRow(position, new Object[] {source.row.values()[0], target.row.values()[0]});
  }

  private InputException unequal() throws IOException {
    while (source.advance() || target.advance()) {
      // Only their number is still asked for.
    }
    return unequal(source.name, source.count, target.name, target.count);
  }

  /** Returns the error that two files do not have as many lines. */
  static InputException unequal(String source, long lines, String target, long others) {
    return new InputException(
        ("The lines of %s and of %s must be pairs, but the first has %s and the second %s: give"
                + " files of which each line goes with the same line of the other.")
            .formatted(source, target, RowAssembler.counted(lines, "line"), others));
  }

  @Override
  public long bytes() {
    return source.lines.bytes() + target.lines.bytes();
  }

  @Override
  public long invalidBytes() {
    return source.lines.invalidBytes() + target.lines.invalidBytes();
  }

  @Override
  public void close() throws IOException {
    try (source) {
      target.close();
    }
  }
}
