// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.bench.GemmCase;
import org.unroll.rnn.bench.Race;
import org.unroll.rnn.bench.Roster;
import org.unroll.spark.report.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures matrix products. */
@Command(
    name = "kernels",
    description = {
      "Measures matrix products on one thread, in the forms that training needs: forward (C = A B, B"
          + " packed beforehand), accumulate (C += A B, B packed beforehand), weight-gradient (C +="
          + " A^T B with both packed each time).",
      "'of limit' is the share of what fused multiply-adds alone reach, 'PyTorch' its GFLOP/s,"
          + " 'ratio' ours divided by its."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class BenchKernelsCommand extends RaceCommand<GemmCase> {
  @Option(
      names = "--shapes",
      split = ",",
      defaultValue = "256x2048x512,20x2600x650,50x512x128",
      paramLabel = "SHAPE",
      description =
          "MxNxK for the product of an MxK and a KxN matrix; commas between several (default:"
              + " ${DEFAULT-VALUE}).")
  List<String> shapes = new ArrayList<>();

  BenchKernelsCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  List<GemmCase> cases() {
    return shapes.stream().flatMap(shape -> GemmCase.parse(shape).stream()).toList();
  }

  @Override
  String name(GemmCase measured) {
    return measured.name();
  }

  @Override
  String workload(GemmCase measured) {
    return measured.workload();
  }

  @Override
  double rate(GemmCase measured, double seconds) {
    return gflops(measured, seconds);
  }

  @Override
  String rateName() {
    return "gflops";
  }

  @Override
  String rateUnit() {
    return "GFLOP/s";
  }

  @Override
  double gflops(GemmCase measured, double seconds) {
    return measured.flops() / seconds / 1e9;
  }

  @Override
  int threads() {
    return 1;
  }

  @Override
  List<ColumnTable.Column> columns() {
    return List.of(
        new ColumnTable.Column("GFLOP/s", 5),
        new ColumnTable.Column("of limit", 5),
        new ColumnTable.Column("PyTorch", 5),
        new ColumnTable.Column("ratio", 5));
  }

  @Override
  List<String> row(GemmCase measured, Race.Result result) {
    List<String> figures = new ArrayList<>();
    figures.add(Figures.rate(ourGflops(measured, result)));
    figures.addAll(comparison(measured, result));
    return figures;
  }

  @Override
  Map<String, Object> figures(GemmCase measured, Race.Result result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("name", measured.name());
    figures.put("m", measured.m());
    figures.put("n", measured.n());
    figures.put("k", measured.k());
    figures.put(rateName(), rateOf(measured, Roster.OURS, result));
    figures.put("limit_share", limitShare(measured, result));
    putPeer(figures, measured, result);
    return figures;
  }

  @Override
  String listName() {
    return "kernels";
  }
}
