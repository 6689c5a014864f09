// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.rnn.bench.CellCase;
import org.unroll.rnn.bench.Race;
import org.unroll.rnn.bench.Roster;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.ops.Figures;
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
final class BenchCellsCommand extends RaceCommand<CellCase> {
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

  @Option(names = "--half", description = "Measure every case with half its batch too.")
  boolean half;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "COUNT",
      description = "Threads of a training step, ours and PyTorch's (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int threads;

  BenchCellsCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  List<CellCase> cases() {
    List<CellCase> cases =
        names.isEmpty() ? CellCase.STANDARD : names.stream().map(BenchCellsCommand::find).toList();
    return half ? cases.stream().flatMap(c -> Stream.of(c, c.half())).toList() : cases;
  }

  private static CellCase find(String word) {
    if (word.contains("=")) {
      return CellCase.parse(word);
    }
    List<String> standard = CellCase.STANDARD.stream().map(CellCase::name).toList();
    return CellCase.STANDARD.stream()
        .filter(c -> c.name().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "There is no case '"
                        + word
                        + "'"
                        + Nearest.to(word, standard)
                            .map(n -> ": did you mean " + n + "?")
                            .orElse(".")
                        + " There are "
                        + String.join(", ", standard)
                        + ", and your own as "
                        + CellCase.SYNTAX
                        + "."));
  }

  @Override
  String name(CellCase measured) {
    return measured.name();
  }

  @Override
  String workload(CellCase measured) {
    return measured.workload(threads, common.seed);
  }

  @Override
  double rate(CellCase measured, double secondsPerStep) {
    return measured.tokens() / secondsPerStep;
  }

  @Override
  String rateName() {
    return "tokens_per_second";
  }

  @Override
  String rateUnit() {
    return "tokens/s";
  }

  @Override
  double gflops(CellCase measured, double secondsPerStep) {
    return rate(measured, secondsPerStep) * measured.flopsPerToken() / 1e9;
  }

  @Override
  int threads() {
    return threads;
  }

  @Override
  List<ColumnTable.Column> columns() {
    return List.of(
        new ColumnTable.Column("tokens/s", 9),
        new ColumnTable.Column("GFLOP/s", 5),
        new ColumnTable.Column("of limit", 5),
        new ColumnTable.Column("PyTorch", 9),
        new ColumnTable.Column("ratio", 5),
        new ColumnTable.Column("garbage", 9),
        new ColumnTable.Column("memory", 6));
  }

  @Override
  List<String> row(CellCase measured, Race.Result result) {
    List<String> figures = new ArrayList<>();
    figures.add(Figures.rate(rateOf(measured, Roster.OURS, result)));
    figures.add(Figures.rate(ourGflops(measured, result)));
    figures.addAll(comparison(measured, result));
    figures.add(Figures.bytes(allocated(result)));
    figures.add(Figures.bytes(result.workspaceBytes()));
    return figures;
  }

  private static long allocated(Race.Result result) {
    return Math.round(result.score(Roster.OURS).bytes());
  }

  @Override
  Map<String, Object> figures(CellCase measured, Race.Result result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("name", measured.name());
    figures.put(rateName(), rateOf(measured, Roster.OURS, result));
    figures.put("gflops", ourGflops(measured, result));
    figures.put("limit_share", limitShare(measured, result));
    putPeer(figures, measured, result);
    figures.put("allocated_bytes_per_step", allocated(result));
    figures.put("workspace_bytes", result.workspaceBytes());
    return figures;
  }

  @Override
  String listName() {
    return "cells";
  }
}
