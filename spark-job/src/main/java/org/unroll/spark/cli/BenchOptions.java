// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.bench.Variant;
import picocli.CommandLine.Option;

/** Whom to compare with. */
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

  List<Variant> variants() {
    return compare.stream().distinct().map(Variant::parse).toList();
  }
}
