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

  @Mixin RaceCommand.PaceOptions pace;

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
                pace.pace(),
                what -> terminal().status(Figures.count(size) + "  " + what));
        Map<Contestant, Double> medians = new EnumMap<>(Contestant.class);
        bench
            .measure(
                Stream.of(Contestant.values())
                    .map(contestant -> new Size(contestant, workers, size, size))
                    .toList())
            .forEach((measured, median) -> medians.put(measured.contestant(), median));
        show(table.row(Figures.count(size), row(medians)));
        entries.add(entry(size, medians));
      }
      showConditions(Json.fields("spark", spark.master(), "workers", workers));
    }
    return Map.of("rounds", entries);
  }

  private static List<Column> columns() {
    return Stream.concat(
            Stream.of(Contestant.values()).map(Contestant::words),
            COMPARED.stream().map(BenchRoundsCommand::share))
        .map(header -> new Column(header, 7, header, Figures::significant))
        .toList();
  }

  private static String share(Contestant other) {
    return "of " + other.words();
  }

  private static Map<String, Double> row(Map<Contestant, Double> medians) {
    Map<String, Double> row = new HashMap<>();
    medians.forEach((contestant, milliseconds) -> row.put(contestant.words(), milliseconds));
    double resident = medians.get(Contestant.RESIDENT);
    COMPARED.forEach(other -> row.put(share(other), resident / medians.get(other)));
    return row;
  }

  private static Map<String, Object> entry(int size, Map<Contestant, Double> medians) {
    Map<String, Object> entry = Json.fields("params", size);
    medians.forEach(
        (contestant, milliseconds) ->
            entry.put(contestant.name().toLowerCase(Locale.ROOT) + "_ms", milliseconds));
    return entry;
  }
}
