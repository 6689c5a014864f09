// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.bench.ReaderCase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures whole training steps of readers. */
@Command(
    name = "readers",
    description = {
      "Measures training steps of networks that read whole sequences, of lengths as in text: forward,"
          + " backward, clipping, Adam. tokens/s count no padding.",
      "GFLOP/s count the matrix products as a textbook makes them, three for every weight and"
          + " token; 'of limit' is their share of what fused multiply-adds alone reach, 'PyTorch'"
          + " its tokens/s with padded batches, 'ratio' ours divided by its, 'garbage' what a step"
          + " allocates, 'memory' the buffers beside the parameters."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class BenchReadersCommand extends TrainingRaceCommand {
  @Option(
      names = "--cases",
      split = ",",
      paramLabel = "CASE",
      description =
          "Names of standard cases, or own ones as "
              + ReaderCase.SYNTAX
              + " such as "
              + ReaderCase.EXAMPLE
              + "; commas between several (default: all standard cases).")
  List<String> names = new ArrayList<>();

  BenchReadersCommand(Invocation invocation) {
    super(invocation, "readers", ReaderCase.STANDARD, ReaderCase::parse, ReaderCase.SYNTAX);
  }

  @Override
  List<String> names() {
    return names;
  }
}
