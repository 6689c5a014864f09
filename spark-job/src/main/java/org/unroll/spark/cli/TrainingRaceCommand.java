// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.unroll.rnn.bench.Race;
import org.unroll.rnn.bench.Roster;
import org.unroll.rnn.bench.TrainingCase;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Figures;
import picocli.CommandLine.Option;

/** What measurements of training steps have in common. */
abstract class TrainingRaceCommand extends RaceCommand<TrainingCase.Work> {
  @Option(names = "--half", description = "Measure every case with half its batch too.")
  boolean half;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "COUNT",
      description = "Threads of a training step, ours and PyTorch's (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int threads;

  private final String listName;
  private final List<? extends TrainingCase> standard;
  private final Function<String, TrainingCase> parser;
  private final String syntax;

  /**
   * @param listName the name of the list of cases in JSON
   * @param parser reads a case of one's own
   * @param syntax how one is written
   */
  TrainingRaceCommand(
      Invocation invocation,
      String listName,
      List<? extends TrainingCase> standard,
      Function<String, TrainingCase> parser,
      String syntax) {
    super(invocation);
    this.listName = listName;
    this.standard = standard;
    this.parser = parser;
    this.syntax = syntax;
  }

  /** Which cases were asked for; none for all standard cases. */
  abstract List<String> names();

  @Override
  final List<TrainingCase.Work> cases() {
    Stream<? extends TrainingCase> cases =
        names().isEmpty() ? standard.stream() : names().stream().map(this::find);
    return cases
        .flatMap(c -> half ? Stream.of(c, c.half()) : Stream.of(c))
        .map(c -> c.work(threads, common.seed))
        .toList();
  }

  private TrainingCase find(String word) {
    if (word.contains("=")) {
      return parser.apply(word);
    }
    List<String> known = standard.stream().map(TrainingCase::name).toList();
    int index = known.indexOf(word);
    if (index < 0) {
      throw new InputException(
          "There is no case '"
              + word
              + "'"
              + Nearest.to(word, known).map(n -> ": did you mean " + n + "?").orElse(".")
              + " There are "
              + String.join(", ", known)
              + ", and your own as "
              + syntax
              + ".");
    }
    return standard.get(index);
  }

  @Override
  final String name(TrainingCase.Work measured) {
    return measured.name();
  }

  @Override
  final String workload(TrainingCase.Work measured) {
    return measured.request();
  }

  @Override
  final double rate(TrainingCase.Work measured, double seconds) {
    return measured.tokens() / seconds;
  }

  @Override
  final String rateName() {
    return "tokens_per_second";
  }

  @Override
  final String rateUnit() {
    return "tokens/s";
  }

  @Override
  final double gflops(TrainingCase.Work measured, double seconds) {
    return measured.flops() / seconds / 1e9;
  }

  @Override
  final int threads() {
    return threads;
  }

  @Override
  final String listName() {
    return listName;
  }

  @Override
  final List<ColumnTable.Column> columns() {
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
  final List<String> row(TrainingCase.Work measured, Race.Result result) {
    List<String> figures = new ArrayList<>();
    figures.add(Figures.rate(rateOf(measured, Roster.OURS, result)));
    figures.add(Figures.rate(ourGflops(measured, result)));
    figures.addAll(comparison(measured, result));
    figures.add(Figures.bytes(allocated(measured, result)));
    figures.add(Figures.bytes(result.workspaceBytes()));
    return figures;
  }

  /** By a step of ours. */
  private static long allocated(TrainingCase.Work measured, Race.Result result) {
    return Math.round(result.score(Roster.OURS).bytes() / measured.steps());
  }

  @Override
  final Map<String, Object> figures(TrainingCase.Work measured, Race.Result result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("name", measured.name());
    figures.put(rateName(), rateOf(measured, Roster.OURS, result));
    figures.put("gflops", ourGflops(measured, result));
    figures.put("limit_share", limitShare(measured, result));
    putPeer(figures, measured, result);
    figures.put("allocated_bytes_per_step", allocated(measured, result));
    figures.put("workspace_bytes", result.workspaceBytes());
    return figures;
  }
}
