// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.store.HadoopFiles;

/** What is said about input that cannot be used. */
public final class InputProblems {
  private InputProblems() {}

  /**
   * The problem of a chunk that could not be read.
   *
   * @throws IOException the failure itself if another attempt may succeed
   */
  public static InputException reading(Chunk chunk, IOException e) throws IOException {
    if (HadoopFiles.isPermanent(e)) {
      return new InputException(
          "The input file "
              + name(chunk)
              + " cannot be read: "
              + HadoopFiles.reason(e)
              + ". Check that it is there and that the account of the Spark executors may read it.",
          e);
    }
    if (chunk.packed()) {
      return new InputException(
          "The input file "
              + name(chunk)
              + " cannot be unpacked: "
              + HadoopFiles.reason(e)
              + ". It is damaged or cut off, or its name does not say how it was packed; get it"
              + " again or unpack it yourself.",
          e);
    }
    throw e;
  }

  /** Finds the line of a place in a file's text. */
  @FunctionalInterface
  public interface LineFinder {
    long lineAt(Chunk chunk, long offset) throws IOException;
  }

  /**
   * The problem of text that cannot be used.
   *
   * @param first the place of the chunk's text in that of its file
   */
  public static InputException badText(
      Chunk chunk, long first, Utf8Lines.BadTextException e, LineFinder finder) throws IOException {
    long offset = first + e.offset();
    long line = finder.lineAt(chunk, offset);
    return e.malformed() ? malformed(chunk, line, offset) : longWord(chunk, line, e.longest());
  }

  private static InputException malformed(Chunk chunk, long line, long offset) {
    return new InputException(
        "The input file "
            + name(chunk)
            + " is not valid UTF-8 in line "
            + line
            + ", at byte "
            + offset
            + (chunk.packed() ? " of its unpacked text" : "")
            + " (counted from 0). Text must be UTF-8: convert it, for example with iconv -f LATIN1"
            + " -t UTF-8, or leave the file out.");
  }

  private static InputException longWord(Chunk chunk, long line, int longest) {
    return new InputException(
        "The input file "
            + name(chunk)
            + " has in line "
            + line
            + " more than "
            + longest
            + " bytes that cannot be divided: a word without an end, or a row of a table. Leave it"
            + " out, or take text without blanks as characters (--unit char).");
  }

  /** Returns the problem of a file that lacks a column which is wanted. */
  static InputException missingColumn(Chunk chunk, String wanted, List<String> columns) {
    return new InputException(
        "The input file "
            + name(chunk)
            + " has no column '"
            + wanted
            + "'; it has "
            + String.join(", ", columns)
            + ".");
  }

  public static InputException changed(Chunk chunk, String how) {
    return new InputException(
        "The input file "
            + name(chunk)
            + " changed while it was in use: it "
            + how
            + ". Start again with files that nobody writes to.");
  }

  /** A chunk's file as messages name it. */
  public static String name(Chunk chunk) {
    return HadoopFiles.show(new Path(chunk.path()));
  }
}
