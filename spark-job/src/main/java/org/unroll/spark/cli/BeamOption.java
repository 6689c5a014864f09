// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import picocli.CommandLine.Option;

/** How the text is found that a model which recognises reads. */
final class BeamOption {
  @Option(
      names = "--beam",
      defaultValue = "1",
      paramLabel = "PREFIXES",
      description =
          "Of models that recognise: followed side by side; 1 for the best label of each step"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int prefixes;
}
