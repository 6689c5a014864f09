// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.store.AtomicFiles;
import picocli.CommandLine.Option;

/** The options of a command that writes a page. */
final class PageOptions {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page, a file of HTML on any Hadoop file system.")
  String out;

  @Option(names = "--overwrite", description = "Replace a file that is there.")
  boolean overwrite;

  /**
   * Refuses a page that is there and may not be replaced, before anything is read for it.
   *
   * @throws org.unroll.rnn.io.InputException if so
   */
  void requireFree() {
    AtomicFiles.requireFree(out, overwrite);
  }

  /** Writes the page, which appears whole or not at all. */
  void write(byte[] html) {
    AtomicFiles.write("page", out, html);
  }
}
