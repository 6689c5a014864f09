// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.bench.Lineup;
import org.unroll.rnn.bench.Race;
import org.unroll.rnn.bench.Roster;
import org.unroll.rnn.bench.Variant;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Machine;
import picocli.CommandLine.Mixin;

/**
 * What the measurements have in common: every case is run by all contenders in processes of their
 * own, a row appears as soon as its case is done, and the machine stands below.
 *
 * @param <C> a case
 */
abstract class RaceCommand<C> extends BaseCommand {
  @Mixin BenchOptions options;

  @Mixin PaceOptions pace;

  RaceCommand(Invocation invocation) {
    super(invocation);
  }

  /** What is measured, in this order. */
  abstract List<C> cases();

  abstract String name(C measured);

  /** The request that prepares a case. */
  abstract String workload(C measured);

  /** What counts, per second, in {@link #rateName}, when a case takes so long. */
  abstract double rate(C measured, double seconds);

  /** The name of what counts in JSON, such as {@code tokens_per_second}. */
  abstract String rateName();

  /** The unit of what counts for people, such as {@code tokens/s}. */
  abstract String rateUnit();

  abstract double gflops(C measured, double seconds);

  /** Threads that a case runs on. */
  abstract int threads();

  abstract List<ColumnTable.Column> columns();

  /** A case's figures for people, one for each column. */
  abstract List<String> row(C measured, Race.Result result);

  /** A case's figures by their names in JSON, in this order, without comparisons. */
  abstract Map<String, Object> figures(C measured, Race.Result result);

  /** The name of the list of cases in JSON. */
  abstract String listName();

  @Override
  final Map<String, Object> run() {
    List<C> cases = cases();
    List<Variant> variants = options.variants();
    Roster roster = Roster.find(options.python, variants, terminal()::note);
    ColumnTable table = new ColumnTable(cases.stream().map(this::name).toList(), columns());
    show(table.header());
    List<Double> limits = new ArrayList<>();
    List<Map<String, Object>> entries = new ArrayList<>();
    for (C measured : cases) {
      Race.Result result = race(roster, measured);
      show(table.row(name(measured), row(measured, result)));
      variants.forEach(variant -> showVariant(measured, variant.name(), result));
      entries.add(entry(measured, variants, result));
      result.limits().forEach(limits::add);
    }
    double limit = Race.median(limits);
    showMachine(roster, limit);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("limit_gflops", limit);
    figures.put(listName(), entries);
    return figures;
  }

  private Race.Result race(Roster roster, C measured) {
    Race race = new Race(pace.pace(), what -> terminal().status(name(measured) + "  " + what));
    try (Lineup lineup = roster.start()) {
      return race.run(lineup.contenders(), workload(measured));
    }
  }

  private Map<String, Object> entry(C measured, List<Variant> variants, Race.Result result) {
    Map<String, Object> entry = figures(measured, result);
    if (!variants.isEmpty()) {
      Map<String, Object> compared = new LinkedHashMap<>();
      for (Variant variant : variants) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put(rateName(), rateOf(measured, variant.name(), result));
        figures.put("ratio", result.ratio(variant.name(), Roster.OURS));
        compared.put(variant.name(), figures);
      }
      entry.put("compare", compared);
    }
    return entry;
  }

  /** Adds PyTorch's rate and our ratio to it, where there is one. */
  final void putPeer(Map<String, Object> figures, C measured, Race.Result result) {
    if (result.has(Roster.PYTORCH)) {
      figures.put("pytorch_" + rateName(), rateOf(measured, Roster.PYTORCH, result));
      figures.put("ratio", result.ratio(Roster.OURS, Roster.PYTORCH));
    }
  }

  final double rateOf(C measured, String contender, Race.Result result) {
    return rate(measured, result.score(contender).seconds());
  }

  final double ourGflops(C measured, Race.Result result) {
    return gflops(measured, result.score(Roster.OURS).seconds());
  }

  /** Our part of what as many threads could do. */
  final double limitShare(C measured, Race.Result result) {
    return ourGflops(measured, result) / (result.limit() * threads());
  }

  /** Our share, PyTorch's rate and our ratio to it as people read them. */
  final List<String> comparison(C measured, Race.Result result) {
    String share = Figures.percent(limitShare(measured, result));
    if (!result.has(Roster.PYTORCH)) {
      return List.of(share, ColumnTable.NONE, ColumnTable.NONE);
    }
    return List.of(
        share,
        Figures.rate(rateOf(measured, Roster.PYTORCH, result)),
        Figures.ratio(result.ratio(Roster.OURS, Roster.PYTORCH)));
  }

  private void showVariant(C measured, String variant, Race.Result result) {
    show(
        "  %s  %s %s, %s of ours"
            .formatted(
                variant,
                Figures.rate(rateOf(measured, variant, result)),
                rateUnit(),
                Figures.ratio(result.ratio(variant, Roster.OURS))));
  }

  private void showMachine(Roster roster, double limit) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("machine", Machine.describe());
    rows.put("limit", Figures.rate(limit) + " GFLOP/s on one thread");
    rows.putAll(roster.abouts());
    show("\n" + ResultTable.text(rows));
  }
}
