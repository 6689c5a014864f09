// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.commons.lang3.function.FailableConsumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;

/**
 * A folder of results, which appears whole or not at all.
 *
 * @param overwrite whether it takes the place of a full one
 */
public record OutputFolder(FileSystem fs, Path path, boolean overwrite) {
  private static final Pattern SPARKS_ENDING = Pattern.compile("\\.(csv|json)\\b");

  /**
   * What a command fills a folder with, and how such a folder is told from others.
   *
   * @param command that writes it
   * @param content as messages name it, such as {@code "the answers"}
   * @param names of files that it may have
   * @param mark name of a file that each has, or nothing if there is no such file
   */
  public record Kind(String command, String content, Pattern names, Optional<String> mark) {
    private void requireFree(FileSystem fs, Path path, boolean overwrite) throws IOException {
      FileStatus[] found = HadoopFiles.list(fs, path);
      if (path.isRoot() || found.length > 0 && !overwrite) {
        throw new InputException(
            ("The output %s is there already and is not empty: name another one, or replace %s in"
                    + " it with --overwrite.")
                .formatted(HadoopFiles.show(path), content));
      }
      for (FileStatus file : found) {
        if (file.isDirectory() || !names.matcher(file.getPath().getName()).matches()) {
          throw foreign(file.getPath());
        }
      }
      if (found.length > 0 && mark.isPresent() && !fs.exists(new Path(path, mark.get()))) {
        throw foreign(path);
      }
    }

    private InputException foreign(Path path) {
      return new InputException(
          "%s was not written by %s, so --overwrite leaves it alone: name another --out."
              .formatted(HadoopFiles.show(path), command));
    }
  }

  /**
   * Returns the folder at a path as a person writes it.
   *
   * @param overwrite whether it may take the place of a full one of its kind
   * @throws InputException if there is something that may not be replaced, or nothing can be
   *     written
   */
  public static OutputFolder free(String folder, boolean overwrite, Kind kind) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    OutputFolder output = new OutputFolder(place.fs(), place.path(), overwrite);
    try {
      kind.requireFree(output.fs, output.path, overwrite);
      HadoopFiles.requireWritable(output.fs, output.path);
      return output;
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "The output %s cannot be used: %s. Check the path and its permissions."
              .formatted(output.show(), HadoopFiles.reason(e)),
          e);
    }
  }

  /** A folder in the making, which has another name. */
  public record Unfinished(FileSystem fs, Path path) {
    /** Opens a new file, to be closed by the caller. */
    public OutputStream create(String name) throws IOException {
      return new BufferedOutputStream(fs.create(new Path(path, name), false));
    }

    /** Writes a new file and waits until it is on its disks. */
    public void write(String name, AtomicFiles.Content content) throws IOException {
      AtomicFiles.writeDurably(fs, new Path(path, name), content);
    }

    /**
     * Takes over what tasks of Spark have written: gives the parts the ending of their format,
     * where Spark knows another one, and removes the sums that it leaves beside local files.
     *
     * @param ending of the format
     * @param rows that each partition has
     * @throws IOException if some that have any are not here
     */
    public void adoptParts(String ending, long... rows) throws IOException {
      HadoopFiles.requireSeen(
          fs,
          path,
          IntStream.range(0, rows.length)
              .filter(p -> rows[p] > 0)
              .mapToObj("part-%05d-"::formatted)
              .toList(),
          "--out");
      for (FileStatus file : fs.listStatus(path)) {
        String name = file.getPath().getName();
        String ours = SPARKS_ENDING.matcher(name).replaceFirst("." + ending);
        if (name.matches("\\..*\\.crc")) {
          fs.delete(file.getPath(), false);
        } else if (!ours.equals(name)) {
          AtomicFiles.move(fs, file.getPath(), new Path(path, ours));
        }
      }
    }
  }

  /**
   * Writes the folder.
   *
   * @param content writes all files; the folder is not there yet
   * @param failed begins the message of the error
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(FailableConsumer<Unfinished, IOException> content, String failed) {
    Path unfinished = AtomicFiles.temporarySibling(path);
    try {
      content.accept(new Unfinished(fs, unfinished));
      if (overwrite) {
        AtomicFiles.putFolder(fs, unfinished, path);
      } else {
        AtomicFiles.move(fs, unfinished, path);
      }
    } catch (Exception e) {
      // What tasks cannot write comes inside of what Spark says of its job.
      if (ExceptionUtils.getRootCause(e) instanceof IOException root
          && ExceptionUtils.indexOfType(e, InputException.class) < 0) {
        throw new UncheckedIOException(failed + ": " + HadoopFiles.reason(root) + ".", root);
      }
      throw ExceptionUtils.<RuntimeException>rethrow(e);
    } finally {
      HadoopFiles.using(unfinished, () -> fs.delete(unfinished, true));
    }
  }

  /** Returns the folder as messages name it. */
  public String show() {
    return HadoopFiles.show(path);
  }
}
