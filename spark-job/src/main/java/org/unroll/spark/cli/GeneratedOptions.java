// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.io.InputException;
import picocli.CommandLine.Option;

/** How much is made up, and where it goes. */
@Heading("Output")
final class GeneratedOptions {
  private static final int USUAL_SHARE = 10;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "New folder for the data, on any Hadoop file system.")
  String out;

  @Option(
      names = "--count",
      defaultValue = "1000",
      paramLabel = "SEQUENCES",
      description = "Sequences to learn from (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  long count;

  @Option(
      names = "--valid-count",
      paramLabel = "SEQUENCES",
      description = "Sequences for validation (default: a tenth of --count).")
  @Range
  Long validCount;

  @Option(
      names = "--test-count",
      paramLabel = "SEQUENCES",
      description = "Sequences for the test (default: a tenth of --count).")
  @Range
  Long testCount;

  @Option(
      names = "--picture",
      description = "Draw some sequences too, as samples.png (default: no picture).")
  boolean picture;

  String requireOut() {
    if (out == null) {
      throw new InputException("--out is missing: name a new folder for the data.");
    }
    return out;
  }

  long valid() {
    return orTenth(validCount);
  }

  long test() {
    return orTenth(testCount);
  }

  private long orTenth(Long asked) {
    return asked != null ? asked : (count + USUAL_SHARE - 1) / USUAL_SHARE;
  }
}
