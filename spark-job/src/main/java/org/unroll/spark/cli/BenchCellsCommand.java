// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.bench.CellCase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures whole training steps. */
@Command(
    name = "cells",
    description = {
      "Measures training steps of recurrent networks: forward, backward, clipping, update.",
      "GFLOP/s count the matrix products as a textbook makes them, three for every weight and"
          + " position; 'of limit' is their share of what fused multiply-adds alone reach (more"
          + " than 100 % where products are saved), 'PyTorch' its tokens/s, 'ratio' ours divided by"
          + " its, 'garbage' what a step allocates, 'memory' the buffers beside the parameters."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class BenchCellsCommand extends TrainingRaceCommand {
  @Option(
      names = "--cases",
      split = ",",
      paramLabel = "CASE",
      description =
          "Names of standard cases, or own ones as "
              + CellCase.SYNTAX
              + " such as "
              + CellCase.EXAMPLE
              + "; commas between several (default: all standard cases).")
  List<String> names = new ArrayList<>();

  BenchCellsCommand(Invocation invocation) {
    super(invocation, "cells", CellCase.STANDARD, CellCase::parse, CellCase.SYNTAX);
  }

  @Override
  List<String> names() {
    return names;
  }
}
