// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.lab.Kind;
import org.unroll.spark.lab.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes up {@link Series}. */
@Command(
    name = "series",
    description =
        "Series with a season, a slope, noise and gaps. Field: features, null where a value is"
            + " missing.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class GenerateSeriesCommand extends GenerateKindCommand {
  @Option(
      names = "--length",
      defaultValue = "120",
      paramLabel = "STEPS",
      description = "Steps of a series (default: ${DEFAULT-VALUE}).")
  @Range(min = 4, max = 1_000_000)
  int length;

  @Option(
      names = "--season",
      defaultValue = "12",
      paramLabel = "STEPS",
      description = "Steps after which a series repeats (default: ${DEFAULT-VALUE}).")
  @Range(min = 2, max = 1_000_000)
  int season;

  @Option(
      names = "--noise",
      defaultValue = "0.3",
      paramLabel = "DEVIATION",
      description =
          "Standard deviation of the noise; the season itself has about 1 (default: ${DEFAULT-VALUE}).")
  @Range
  double noise;

  @Option(
      names = "--gaps",
      defaultValue = "0.05",
      paramLabel = "SHARE",
      description = "About this share of the values is missing (default: ${DEFAULT-VALUE}).")
  @Range(max = 0.5)
  double gaps;

  GenerateSeriesCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  Kind kind() {
    return new Series(length, season, noise, gaps);
  }
}
