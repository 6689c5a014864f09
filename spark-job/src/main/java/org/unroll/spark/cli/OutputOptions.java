// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine.Option;

/** Where the model goes. */
@Heading("Output")
final class OutputOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the model, on any Hadoop file system.")
  String out;

  @Option(
      names = "--overwrite",
      description =
          "Replace the model that is in the folder, and checkpoints of another training (default:"
              + " refuse to).")
  boolean overwrite;
}
