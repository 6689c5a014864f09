// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.RoundsBench;
import org.unroll.spark.lab.RoundsBench.Contestant;
import org.unroll.spark.lab.RoundsBench.Cost;
import org.unroll.spark.lab.RoundsBench.Size;
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
      "'resident' and 'job' are the two kinds of --rounds, 'shared' is resident with --sum shared"
          + " (and the others with --sum driver), 'bf16' resident with --wire bf16, 'empty' a Spark"
          + " job whose tasks do nothing, 'copy' a copy in memory of the bytes that have to move, to"
          + " every worker and back, all in milliseconds; behind them, a resident round as a share of"
          + " the last two. Below stands what crossed at the driver in a round."
    })
final class BenchRoundsCommand extends BaseCommand {
  /** What a resident round is compared with. */
  private static final List<Contestant> COMPARED = List.of(Contestant.EMPTY_JOB, Contestant.COPY);

  @Option(
      names = "--params",
      split = ",",
      paramLabel = "FLOATS",
      description = "Parameters of a model, each of 4 bytes; commas between several sizes.")
  @Range(min = 1)
  List<Integer> params = List.of(1000, 1_000_000, 20_000_000);

  @Option(
      names = "--workers",
      paramLabel = "TASKS",
      description = "That share a round, with a gradient each.")
  @Range(min = 1)
  int workers = 2;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "CONTESTANT",
      description =
          "Measure these of resident, shared, resident-bf16, shared-bf16, job, empty-job and copy"
              + " alone; commas between several (default: all but shared-bf16).")
  List<Contestant> only =
      Stream.of(Contestant.values()).filter(c -> c != Contestant.SHARED_BF16).toList();

  @Mixin RaceCommand.PaceOptions pace;

  @Override
  Map<String, Object> run() {
    List<String> names = params.stream().map(Figures::count).toList();
    ResultTable table = new ResultTable(names, columns());
    List<Map<String, Object>> entries = new ArrayList<>();
    List<String> crossed = new ArrayList<>();
    // Rounds between processes are what costs something.
    try (SparkRuntime spark = startSpark("local-cluster[" + workers + ",1,4096]")) {
      show(table.header());
      for (int size : params) {
        RoundsBench bench =
            new RoundsBench(
                spark.session(),
                pace.pace(),
                what -> terminal().status(Figures.count(size) + "  " + what));
        Map<Contestant, Cost> costs = new EnumMap<>(Contestant.class);
        bench
            .measure(only.stream().map(c -> new Size(c, workers, size, size)).toList())
            .forEach((measured, cost) -> costs.put(measured.contestant(), cost));
        show(table.row(Figures.count(size), row(costs)));
        crossed.addAll(traffic(size, costs));
        entries.add(entry(size, costs));
      }
      if (!crossed.isEmpty()) {
        show("\n" + String.join("\n", crossed));
      }
      showConditions(Json.fields("spark", spark.master(), "workers", workers));
    }
    return Map.of("rounds", entries);
  }

  /** Tells what crossed at the driver, of those who send it something. */
  private static List<String> traffic(int size, Map<Contestant, Cost> costs) {
    return costs.entrySet().stream()
        .filter(cost -> !cost.getValue().traffic().isNone())
        .map(
            cost ->
                "%s, %s: the driver has %s a round"
                    .formatted(
                        Figures.count(size),
                        cost.getKey().words(),
                        cost.getValue().traffic().describe()))
        .toList();
  }

  /** Returns what a resident round is compared with, of those that are measured. */
  private List<Contestant> compared() {
    boolean resident = only.contains(Contestant.RESIDENT);
    return resident ? COMPARED.stream().filter(only::contains).toList() : List.of();
  }

  private List<Column> columns() {
    return Stream.concat(
            only.stream().map(Contestant::words),
            compared().stream().map(BenchRoundsCommand::share))
        .map(header -> new Column(header, 7, header, Figures::significant))
        .toList();
  }

  private static String share(Contestant other) {
    return "of " + other.words();
  }

  private Map<String, Double> row(Map<Contestant, Cost> costs) {
    Map<String, Double> row = new HashMap<>();
    costs.forEach((contestant, cost) -> row.put(contestant.words(), cost.milliseconds()));
    for (Contestant other : compared()) {
      double resident = costs.get(Contestant.RESIDENT).milliseconds();
      row.put(share(other), resident / costs.get(other).milliseconds());
    }
    return row;
  }

  private static Map<String, Object> entry(int size, Map<Contestant, Cost> costs) {
    Map<String, Object> entry = Json.fields("params", size);
    costs.forEach((contestant, cost) -> putCost(name(contestant), cost, entry));
    return entry;
  }

  private static void putCost(String name, Cost cost, Map<String, Object> into) {
    into.put(name + "_ms", cost.milliseconds());
    if (!cost.traffic().isNone()) {
      into.put(name + "_driver_bytes_in", cost.traffic().in());
      into.put(name + "_driver_bytes_out", cost.traffic().out());
    }
    cost.slowestLink().ifPresent(link -> into.put(name + "_slowest_link", link));
  }

  private static String name(Contestant contestant) {
    return contestant.name().toLowerCase(Locale.ROOT);
  }
}
