// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.RoundsBench;
import org.unroll.spark.lab.RoundsBench.Contestant;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Platform;
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
    String master = masterOr("local-cluster[" + workers + ",1,4096]");
    try (SparkRuntime spark = startSpark(master)) {
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
      showConditions(spark);
    }
    return Map.of("rounds", entries);
  }

  private static List<ResultTable.Column> columns() {
    List<ResultTable.Column> columns = new ArrayList<>();
    for (Contestant contestant : Contestant.values()) {
      columns.add(new ResultTable.Column(contestant.words(), 7));
    }
    for (Contestant other : others()) {
      columns.add(new ResultTable.Column("of " + other.words(), 7));
    }
    return columns;
  }

  /** Returns what a resident round is compared with. */
  private static List<Contestant> others() {
    return List.of(Contestant.EMPTY_JOB, Contestant.JOB, Contestant.COPY);
  }

  private static List<String> row(Map<Contestant, Double> medians) {
    List<String> figures = new ArrayList<>();
    for (Contestant contestant : Contestant.values()) {
      figures.add(Figures.significant(medians.get(contestant)));
    }
    double resident = medians.get(Contestant.RESIDENT);
    for (Contestant other : others()) {
      figures.add(Figures.significant(resident / medians.get(other)));
    }
    return figures;
  }

  private static Map<String, Object> entry(int size, Map<Contestant, Double> medians) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("params", size);
    medians.forEach(
        (contestant, milliseconds) ->
            entry.put(contestant.name().toLowerCase(Locale.ROOT) + "_ms", milliseconds));
    return entry;
  }

  private void showConditions(SparkRuntime spark) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("machine", Platform.machine());
    rows.put("spark", spark.session().sparkContext().master());
    rows.put("workers", Integer.toString(workers));
    show("\n" + ResultTable.text(rows));
  }
}
