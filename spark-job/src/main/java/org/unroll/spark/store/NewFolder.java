// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.io.InputException;

/** A folder of results that appears whole or not at all, where nothing was before. */
public final class NewFolder {
  private final FileSystem fs;
  private final Path path;

  private NewFolder(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
  }

  /**
   * Returns the folder at a path as a person writes it.
   *
   * @throws InputException if there is something already
   */
  public static NewFolder at(String folder) {
    Configuration conf = HadoopFiles.configuration();
    Path path = HadoopFiles.resolve(folder, conf);
    try {
      FileSystem fs = HadoopFiles.fileSystem(path, conf);
      if (path.isRoot() || HadoopFiles.list(fs, path).length > 0) {
        throw new InputException(
            "The output %s is there already and is not empty; name another folder or remove it."
                .formatted(HadoopFiles.show(path)));
      }
      return new NewFolder(fs, path);
    } catch (IOException e) {
      throw HadoopFiles.unusableOutput(path, e);
    }
  }

  /** The files of a folder in the making. */
  public final class Files {
    private final Path temporary;

    private Files(Path temporary) {
      this.temporary = temporary;
    }

    /** Opens a new file, to be closed by the caller. */
    public OutputStream create(String name) throws IOException {
      return new BufferedOutputStream(fs.create(new Path(temporary, name), false));
    }

    /** Writes a new file and waits until it is on its disks. */
    public void write(String name, AtomicFiles.Content content) throws IOException {
      AtomicFiles.writeDurably(fs, new Path(temporary, name), content);
    }
  }

  /** The content of a folder. */
  @FunctionalInterface
  public interface Content {
    /** Writes all files. */
    void writeTo(Files files) throws IOException;
  }

  /**
   * Writes the folder.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void write(Content content) {
    Path temporary = AtomicFiles.temporarySibling(path);
    try {
      fs.mkdirs(temporary);
      try {
        content.writeTo(new Files(temporary));
        AtomicFiles.move(fs, temporary, path);
      } finally {
        fs.delete(temporary, true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The folder %s could not be written: %s."
              .formatted(HadoopFiles.show(path), HadoopFiles.reason(e)),
          e);
    }
  }

  /** Returns the folder as messages name it. */
  public String show() {
    return HadoopFiles.show(path);
  }
}
