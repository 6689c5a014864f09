// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes pictures, in place of those that are there. */
public final class PictureFile {
  private PictureFile() {}

  /**
   * Writes a file on any Hadoop file system, whole or not at all.
   *
   * @throws org.unroll.rnn.io.InputException if it is no path
   */
  public static void write(String out, byte[] png) {
    Configuration conf = HadoopFiles.configuration();
    Path file = HadoopFiles.resolve(out, conf);
    try {
      AtomicFiles.write(file, conf, to -> to.write(png));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The picture "
              + HadoopFiles.show(file)
              + " could not be written: "
              + HadoopFiles.reason(e),
          e);
    }
  }
}
