// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.spark.store.HadoopFiles;

/** A folder of its own for what one training writes on the way, which is removed behind it. */
record WorkFolder(FileSystem fs, Path path) implements AutoCloseable {

  /**
   * Makes a folder.
   *
   * @param parent that somebody named, or null for the temporary one of the default file system
   */
  static WorkFolder make(String parent) {
    Configuration conf = HadoopFiles.configuration();
    try {
      boolean local = FileSystem.get(conf) instanceof LocalFileSystem;
      String usual = local ? System.getProperty("java.io.tmpdir") : "/tmp";
      Path folder = HadoopFiles.resolve(parent == null ? usual : parent, conf);
      FileSystem fs = HadoopFiles.fileSystem(folder, conf);
      return new WorkFolder(fs, new Path(folder, "unroll-ml-" + UUID.randomUUID()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the folder for the model, beside which the training has its own. */
  String model() {
    return new Path(path, "model").toString();
  }

  /** Returns the folder for the text of a language model. */
  String text() {
    return new Path(path, "text").toString();
  }

  @Override
  public void close() {
    try {
      fs.delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
