// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.rnn.network.Sampling;
import picocli.CommandLine.Option;

/** How text is drawn from a model. */
@OptionRule.Group("Text")
final class SamplingOptions {
  @Option(
      names = "--prompt",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "What to continue (default: the beginning of a line).")
  String prompt;

  @Option(
      names = "--length",
      defaultValue = "500",
      paramLabel = "TOKENS",
      description = "How much to write.")
  @Range(min = 1)
  int length;

  @Option(
      names = "--temperature",
      defaultValue = "0.8",
      paramLabel = "VALUE",
      description =
          "1 as the model has learnt, less for the probable, 0 always the most probable token.")
  @Range
  double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "TOKENS",
      description = "Draw among this many most probable ones, 0 for all.")
  @Range
  int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "PROBABILITY",
      description = "Draw among the fewest tokens that have it together.")
  @Range(above = true, max = 1)
  double topP;

  Sampling sampling(long seed) {
    return new Sampling(temperature, topK, topP, seed);
  }
}
