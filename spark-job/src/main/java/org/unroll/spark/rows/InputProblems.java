// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.ChunkTable.Chunk;
import org.unroll.spark.rows.Utf8Lines.BadTextException;
import org.unroll.spark.store.HadoopFiles;

/** Tells people about input that cannot be used: which file, what is wrong, what to do. */
public final class InputProblems {
  /** An example of a command that makes UTF-8 of text in another encoding. */
  static final String CONVERSION = "iconv -f WINDOWS-1252 -t UTF-8";

  private InputProblems() {}

  /**
   * Returns the problem of a chunk that could not be read.
   *
   * @throws IOException the failure itself if another attempt may succeed
   */
  public static InputException reading(Chunk chunk, IOException e) throws IOException {
    if (e instanceof BadTextException text && text.kind.isOfFile()) {
      return of(
          chunk,
          text.kind == BadTextException.Kind.CARRIAGE_RETURNS
              ? " ends its lines with carriage returns alone, so all of it would be one line:"
                  + " convert it with tr '\\r' '\\n'."
              : " looks like UTF-16. Text must be UTF-8: convert it with iconv -f %s -t UTF-8."
                  .formatted(text.kind.name().replace('_', '-')),
          e);
    }
    if (HadoopFiles.isPermanent(e)) {
      return of(
          chunk,
          " cannot be read: "
              + HadoopFiles.reason(e)
              + ". Check that it is there and that the account of the Spark executors may read it.",
          e);
    }
    if (chunk.packed()) {
      return of(
          chunk,
          (" cannot be unpacked: %s. It is damaged or cut off, or its name does not say how "
                  + "it was packed; get it again or unpack it yourself.")
              .formatted(HadoopFiles.reason(e)),
          e);
    }
    if (HadoopFiles.isDamage(e)) {
      return of(chunk, " is damaged: " + HadoopFiles.reason(e) + ".", e);
    }
    throw e;
  }

  private static InputException of(Chunk chunk, String what, Exception cause) {
    return new InputException("The input file " + name(chunk) + what, cause);
  }

  /**
   * Returns the problem of text that cannot be used.
   *
   * @param first the place of the chunk's text in that of its file
   * @param files to find the line
   */
  static InputException badText(Chunk chunk, long first, BadTextException e, ChunkFiles files)
      throws IOException {
    if (e.kind.isOfFile()) {
      return reading(chunk, e);
    }
    long offset = first + e.offset;
    long line = files.lineAt(chunk, offset);
    return e.kind == BadTextException.Kind.MALFORMED
        ? of(
            chunk,
            (" is not valid UTF-8 in line %s, at byte %s%s (counted from 0). Text must be "
                    + "UTF-8: convert it, for example with %s, have prepare replace such bytes "
                    + "(--on-invalid replace), or leave the file out.")
                .formatted(line, offset, chunk.packed() ? " of its unpacked text" : "", CONVERSION),
            e)
        : of(
            chunk,
            (" has in line %s more than %s bytes that cannot be divided: a word without an end, "
                    + "or a row of a table. Leave it out, or take text without blanks as characters "
                    + "(--unit char).")
                .formatted(line, e.longest),
            e);
  }

  /** Returns the problem of a file that lacks a column which is wanted. */
  static InputException missingColumn(Chunk chunk, String wanted, List<String> columns) {
    return new InputException(
        "The input file %s has no column '%s'; it has %s."
            .formatted(name(chunk), wanted, String.join(", ", columns)));
  }

  /** Returns the problem of a file that is no longer what it was when it was listed. */
  public static InputException changed(Chunk chunk, String how) {
    return new InputException(
        ("The input file %s changed while it was in use: it %s. Start again with files that "
                + "nobody writes to.")
            .formatted(name(chunk), how));
  }

  /** Returns a chunk's file as messages name it. */
  public static String name(Chunk chunk) {
    return HadoopFiles.show(new Path(chunk.path()));
  }
}
