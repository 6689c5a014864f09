// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.Scaling;
import picocli.CommandLine.Option;

/** What a plan is made for. */
@Heading("Plan")
final class PlanOptions {
  @Option(
      names = "--executors",
      split = ",",
      defaultValue = "1,2,4,8,16,32,64,128,256,512,1024",
      paramLabel = "COUNTS",
      description =
          "Numbers of executors to predict for, of one core each; commas between several (default:"
              + " ${DEFAULT-VALUE}).")
  @Range(min = 1, max = 100_000)
  List<Integer> executors = new ArrayList<>();

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      converter = UnitConverter.Bandwidth.class,
      description =
          "Of every machine's network, such as 10Gbit (default: what the processes here reach).")
  @Range(above = true)
  Double bandwidth;

  @Option(
      names = "--latency",
      paramLabel = "TIME",
      converter = UnitConverter.Latency.class,
      description =
          "Of a message on the network, such as 0.2ms, on top of what one costs here"
              + " (default: none).")
  @Range
  Double latency;

  @Option(
      names = "--scaling",
      defaultValue = "strong",
      paramLabel = "KIND",
      description =
          "strong (executors share --batch) or weak (each has --batch streams)"
              + " (default: ${DEFAULT-VALUE}).")
  Scaling scaling;

  @Option(
      names = "--shards",
      hidden = true,
      defaultValue = "1",
      paramLabel = "SLICES",
      description = "Of presets: a plan has a shard for each executor (default: ${DEFAULT-VALUE}).")
  int shards;

  /** The network asked for, between machines like those measured. */
  Link network(Link measured) {
    return measured.over(
        bandwidth == null ? Double.POSITIVE_INFINITY : bandwidth, latency == null ? 0 : latency);
  }
}
