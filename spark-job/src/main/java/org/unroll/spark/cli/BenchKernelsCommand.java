// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.lab.GemmCase;
import org.unroll.spark.lab.Race;
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
    })
final class BenchKernelsCommand extends RaceCommand {
  @Option(
      names = "--shapes",
      split = ",",
      defaultValue = "256x2048x512,20x2600x650,50x512x128",
      paramLabel = "SHAPE",
      description = "MxNxK for the product of an MxK and a KxN matrix; commas between several.")
  List<String> shapes = new ArrayList<>();

  BenchKernelsCommand() {
    super("kernels", "gflops", "GFLOP/s");
  }

  @Override
  List<Race.Work> works() {
    return shapes.stream()
        .flatMap(shape -> GemmCase.parse(shape).stream())
        .map(GemmCase::work)
        .toList();
  }

  @Override
  double rate(Race.Work work, double seconds) {
    return work.flops() / seconds / 1e9;
  }

  @Override
  int threads() {
    return 1;
  }

  @Override
  List<ResultTable.Column> columns() {
    return List.of(
        new ResultTable.Column("GFLOP/s", 5),
        new ResultTable.Column("of limit", 5),
        new ResultTable.Column("PyTorch", 5),
        new ResultTable.Column("ratio", 5));
  }

  @Override
  List<String> row(Race.Work work, Race.Result result) {
    List<String> figures = new ArrayList<>();
    figures.add(Figures.rate(gflops(work, result)));
    figures.addAll(comparison(work, result));
    return figures;
  }

  /** A product has no other figures. */
  @Override
  void putMore(Map<String, Object> figures, Race.Work work, Race.Score score) {}
}
