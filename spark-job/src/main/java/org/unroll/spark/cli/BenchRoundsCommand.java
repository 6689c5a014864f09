// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.unroll.spark.cli.ResultTable.column;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.RoundsBench;
import org.unroll.spark.lab.RoundsBench.Contestant;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what a round costs beside its computing. */
@Command(
    name = "rounds",
    description = {
      "Measures the overhead of a round: gradients to the driver, their sum, other parameters back,"
          + " with workers that compute nothing.",
      "'resident' and 'job' are the two kinds of --rounds, 'bf16' is resident with --wire bf16,"
          + " 'empty' a Spark job whose tasks do nothing, 'copy' a copy in memory of the bytes that"
          + " have to move, to every worker and back, all in milliseconds; behind them, a resident"
          + " round as a share of each."
    })
final class BenchRoundsCommand extends BaseCommand {
  /** What a resident round is compared with. */
  private static final List<Contestant> COMPARED =
      List.of(Contestant.EMPTY_JOB, Contestant.JOB, Contestant.COPY);

  @Option(
      names = "--params",
      split = ",",
      defaultValue = "1000,1000000,20000000",
      paramLabel = "FLOATS",
      description = "Parameters of a model, each of 4 bytes; commas between several sizes.")
  @Range(min = 1)
  List<Integer> params = new ArrayList<>();

  @Option(
      names = "--workers",
      defaultValue = "2",
      paramLabel = "TASKS",
      description = "That share a round, with a gradient each.")
  @Range(min = 1)
  int workers;

  @Mixin PaceOptions pace;

  @Override
  Map<String, Object> run() {
    List<String> names = params.stream().map(Figures::count).toList();
    ResultTable table = new ResultTable(names, columns());
    List<Map<String, Object>> entries = new ArrayList<>();
    // Rounds between processes are what costs something.
    try (SparkRuntime spark = startSpark("local-cluster[" + workers + ",1,4096]")) {
      show(table.header());
      for (int size : params) {
        RoundsBench bench =
            new RoundsBench(
                spark.session(),
                workers,
                pace.pace(),
                what -> terminal().status(Figures.count(size) + "  " + what));
        Map<Contestant, Double> medians = bench.measure(size);
        show(table.row(Figures.count(size), row(medians)));
        entries.add(entry(size, medians));
      }
      Map<String, Object> conditions = conditions(spark);
      conditions.put("workers", workers);
      showConditions(conditions);
    }
    return Map.of("rounds", entries);
  }

  private static List<ResultTable.Column> columns() {
    return Stream.concat(
            Stream.of(Contestant.values()).map(Contestant::words),
            COMPARED.stream().map(other -> "of " + other.words()))
        .map(header -> column(header, 7))
        .toList();
  }

  private static List<String> row(Map<Contestant, Double> medians) {
    double resident = medians.get(Contestant.RESIDENT);
    return Stream.concat(
            medians.values().stream(),
            COMPARED.stream().map(other -> resident / medians.get(other)))
        .map(Figures::significant)
        .toList();
  }

  private static Map<String, Object> entry(int size, Map<Contestant, Double> medians) {
    Map<String, Object> entry = Json.fields("params", size);
    medians.forEach(
        (contestant, milliseconds) ->
            entry.put(contestant.name().toLowerCase(Locale.ROOT) + "_ms", milliseconds));
    return entry;
  }
}
