// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;

/** The lines of a chunk, with what messages say about them. */
public final class LineSource implements Closeable {
  private final ChunkFiles files;
  private final Chunk chunk;
  private final long first;
  private final Utf8Lines lines;
  private long count;

  /**
   * Takes over lines.
   *
   * @param first the place of the chunk's text in that of its file
   */
  public LineSource(ChunkFiles files, Chunk chunk, long first, Utf8Lines lines) {
    this.files = files;
    this.chunk = chunk;
    this.first = first;
    this.lines = lines;
  }

  /** See {@link Utf8Lines#next}; what goes wrong is told with file and line. */
  public boolean next() throws IOException {
    try {
      boolean more = lines.next();
      count += more && lines.ended() ? 1 : 0;
      return more;
    } catch (Utf8Lines.BadTextException e) {
      throw InputProblems.badText(chunk, first, e, files::lineAt);
    } catch (IOException e) {
      throw InputProblems.reading(chunk, e);
    }
  }

  /** The line without its end, {@code \n} or {@code \r\n}. */
  String line() {
    int to = lines.to();
    if (to > lines.from() && lines.text()[to - 1] == '\r') {
      to--;
    }
    return new String(lines.text(), lines.from(), to - lines.from(), StandardCharsets.UTF_8);
  }

  public Utf8Lines lines() {
    return lines;
  }

  public Chunk chunk() {
    return chunk;
  }

  /** The place of the chunk's text in that of its file. */
  long first() {
    return first;
  }

  /** The number in its file of the last line that was ended, from 1; may read the file. */
  public long lineNumber() throws IOException {
    return files.lineAt(chunk, first) + count - 1;
  }

  /** Says what is wrong with the line. */
  InputException problem(String what) throws IOException {
    return new InputException(
        "The input file "
            + InputProblems.name(chunk)
            + " has in line "
            + lineNumber()
            + " "
            + what);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
