// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.commons.lang3.function.FailableBiConsumer;
import org.apache.commons.lang3.function.FailableConsumer;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;

/**
 * A folder of results, which appears whole or not at all.
 *
 * @param overwrite whether it takes the place of a full one
 */
public record OutputFolder(FileSystem fs, Path path, boolean overwrite) {

  /**
   * Returns the folder at a path as a person writes it.
   *
   * @param check fails with an {@link InputException} unless a folder may be written there
   * @throws InputException if the check refuses what is there, or it cannot be looked at
   */
  public static OutputFolder at(
      String folder, boolean overwrite, FailableBiConsumer<FileSystem, Path, IOException> check) {
    HadoopFiles.Place place = HadoopFiles.at(folder);
    OutputFolder output = new OutputFolder(place.fs(), place.path(), overwrite);
    try {
      check.accept(output.fs, output.path);
      return output;
    } catch (IOException e) {
      throw new InputException(
          "The output %s cannot be used: %s. Check the path and its permissions."
              .formatted(output.show(), HadoopFiles.reason(e)),
          e);
    }
  }

  /**
   * Returns the folder at a path as a person writes it.
   *
   * @throws InputException if there is something already
   */
  public static OutputFolder empty(String folder) {
    return at(
        folder,
        false,
        (fs, path) -> {
          if (path.isRoot() || HadoopFiles.list(fs, path).length > 0) {
            throw new InputException(
                ("The output %s is there already and is not empty; name another folder or remove"
                        + " it.")
                    .formatted(HadoopFiles.show(path)));
          }
        });
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
    } catch (IOException e) {
      throw new UncheckedIOException(failed + ": " + HadoopFiles.reason(e) + ".", e);
    } finally {
      HadoopFiles.using(unfinished, () -> fs.delete(unfinished, true));
    }
  }

  /** Returns the folder as messages name it. */
  public String show() {
    return HadoopFiles.show(path);
  }
}
