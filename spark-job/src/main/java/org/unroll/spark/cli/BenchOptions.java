// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.bench.Race;
import org.unroll.rnn.bench.Variant;
import picocli.CommandLine.Option;

/** Whom to compare with, and how long to measure. */
@Heading("Comparison")
final class BenchOptions {
  @Option(
      names = "--python",
      paramLabel = "PATH",
      description =
          "A Python that can import torch, to measure PyTorch in the same rounds (default: python3,"
              + " if it can).")
  String python;

  @Option(
      names = "--compare",
      split = ",",
      paramLabel = "VARIANT",
      description =
          "Other ways to run this program: avx2 (narrower vectors on x86), scalar (no vectors),"
              + " jdk=PATH (another JDK); commas between several (default: none).")
  List<String> compare = new ArrayList<>();

  @Option(
      names = "--rounds",
      defaultValue = "7",
      paramLabel = "COUNT",
      description = "Turns that each contender has; medians count (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "0.4",
      paramLabel = "SECONDS",
      description = "Length of a turn, at least one step (default: ${DEFAULT-VALUE}).")
  @Range(above = true)
  double seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "4",
      paramLabel = "SECONDS",
      description =
          "What each contender runs beforehand, and longer until it is not becoming faster"
              + " (default: ${DEFAULT-VALUE}).")
  @Range
  double warmUp;

  List<Variant> variants() {
    return compare.stream().distinct().map(Variant::parse).toList();
  }

  Race.Pace pace() {
    return new Race.Pace(rounds, seconds, warmUp);
  }
}
