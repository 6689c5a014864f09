// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.spark.lab.Contender;
import org.unroll.spark.lab.Race;
import org.unroll.spark.lab.Roster;
import org.unroll.spark.lab.Variant;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Platform;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Races of several contenders over some cases: every case is run by all contenders in processes of
 * their own, a row appears as soon as its case is done, and the machine stands below.
 */
abstract class RaceCommand extends BaseCommand {
  /** The options that say whom to compare with. */
  @OptionRule.Group("Comparison")
  static final class ComparisonOptions {
    @Option(
        names = "--python",
        paramLabel = "PATH",
        description =
            "A Python that can import torch, to measure PyTorch in the same rounds (default:"
                + " python3, if it can).")
    String python;

    @Option(
        names = "--compare",
        split = ",",
        paramLabel = "VARIANT",
        description =
            "Other ways to run this program: avx2 (narrower vectors on x86), scalar (no vectors),"
                + " jdk=PATH (another JDK), build=PATH (another build: its checkout or jar); commas"
                + " between several (default: none).")
    List<String> compare = new ArrayList<>();

    List<Variant> variants() {
      return compare.stream().distinct().map(Variant::parse).toList();
    }
  }

  @Mixin ComparisonOptions options;

  @Mixin PaceOptions pace;

  private final String listName;
  private final String rateName;
  private final String rateUnit;

  /**
   * Prepares a race.
   *
   * @param listName the name of the list of cases in JSON
   * @param rateName the name of what counts in JSON, such as {@code tokens_per_second}
   * @param rateUnit its unit for people, such as {@code tokens/s}
   */
  RaceCommand(String listName, String rateName, String rateUnit) {
    this.listName = listName;
    this.rateName = rateName;
    this.rateUnit = rateUnit;
  }

  /** Returns what is measured, in this order. */
  abstract List<Race.Work> works();

  /** Returns what counts, per second, when a case takes so long. */
  abstract double rate(Race.Work work, double seconds);

  /** Returns the threads that a case runs on. */
  abstract int threads();

  abstract List<ResultTable.Column> columns();

  /** Returns a case's figures for people, one for each column. */
  abstract List<String> row(Race.Work work, Race.Result result);

  /** Adds the figures of a contender beside its rate, by their names in JSON. */
  abstract void putMore(Map<String, Object> figures, Race.Work work, Race.Score score);

  @Override
  final Map<String, Object> run() {
    List<Race.Work> works = works();
    List<Variant> variants = options.variants();
    Roster roster = Roster.find(options.python, variants, terminal()::note);
    ResultTable table = new ResultTable(works.stream().map(Race.Work::name).toList(), columns());
    show(table.header());
    List<Double> limits = new ArrayList<>();
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Race.Work work : works) {
      Race.Result result = race(roster, work);
      show(table.row(work.name(), row(work, result)));
      variants.forEach(variant -> show("  " + words(work, variant, result)));
      entries.add(figures(work, variants, result));
      limits.addAll(result.limits());
    }
    double limit = Race.median(limits);
    showMachine(roster, limit);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("limit_gflops", limit);
    figures.put(listName, entries);
    return figures;
  }

  private Race.Result race(Roster roster, Race.Work work) {
    Race race = new Race(pace.pace(), what -> terminal().status(work.name() + "  " + what));
    try (Roster.Lineup lineup = roster.start()) {
      return race.run(lineup.contenders(), work.request());
    }
  }

  /** Returns a case's figures by their names in JSON. */
  final Map<String, Object> figures(Race.Work work, List<Variant> variants, Race.Result result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("name", work.name());
    figures.putAll(work.shape());
    Race.Score ours = result.score(Roster.OURS);
    figures.put(rateName, rate(work, ours.seconds()));
    figures.putIfAbsent("gflops", gflops(work, result));
    figures.put("limit_share", limitShare(work, result));
    if (result.has(Roster.PYTORCH)) {
      double peer = rate(work, result.score(Roster.PYTORCH).seconds());
      figures.put("pytorch_" + rateName, peer);
      figures.put("ratio", result.ratio(Roster.OURS, Roster.PYTORCH));
    }
    putMore(figures, work, ours);
    if (!variants.isEmpty()) {
      Map<String, Object> compared = new LinkedHashMap<>();
      variants.forEach(v -> compared.put(v.name(), comparedFigures(work, v.name(), result)));
      figures.put("compare", compared);
    }
    return figures;
  }

  private Map<String, Object> comparedFigures(Race.Work work, String variant, Race.Result result) {
    Race.Score score = result.score(variant);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(rateName, rate(work, score.seconds()));
    figures.put("ratio", result.ratio(variant, Roster.OURS));
    figures.put("ours_ratio", result.ratio(Roster.OURS, variant));
    putMore(figures, work, score);
    return figures;
  }

  final double gflops(Race.Work work, Race.Result result) {
    return work.flops() / result.score(Roster.OURS).seconds() / 1e9;
  }

  /** Returns our part of what as many threads could do. */
  private double limitShare(Race.Work work, Race.Result result) {
    return gflops(work, result) / (result.limit() * threads());
  }

  /** Returns our share of the limit, PyTorch's rate and our ratio to it, as people read them. */
  final List<String> comparison(Race.Work work, Race.Result result) {
    String share = Figures.percent(limitShare(work, result));
    if (!result.has(Roster.PYTORCH)) {
      return List.of(share, ResultTable.NONE, ResultTable.NONE);
    }
    return List.of(
        share,
        Figures.rate(rate(work, result.score(Roster.PYTORCH).seconds())),
        Figures.ratio(result.ratio(Roster.OURS, Roster.PYTORCH)));
  }

  /** Returns a variant's rate beside ours; of another build, what ours is to it. */
  private String words(Race.Work work, Variant variant, Race.Result result) {
    Race.Score score = result.score(variant.name());
    String rate =
        "%s  %s %s".formatted(variant.name(), Figures.rate(rate(work, score.seconds())), rateUnit);
    if (!variant.otherBuild()) {
      return rate + ", " + Figures.ratio(result.ratio(variant.name(), Roster.OURS)) + " of ours";
    }
    String ours = rate + ", ours " + Figures.ratio(result.ratio(Roster.OURS, variant.name()));
    long memory = score.workspaceBytes();
    return memory == Contender.UNKNOWN || memory == 0
        ? ours
        : ours
            + ", memory "
            + Figures.bytes(memory)
            + ", ours "
            + Figures.ratio((double) result.score(Roster.OURS).workspaceBytes() / memory);
  }

  private void showMachine(Roster roster, double limit) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("machine", Platform.machine());
    rows.put("limit", Figures.rate(limit) + " GFLOP/s on one thread");
    rows.putAll(roster.abouts());
    show("\n" + ResultTable.text(rows));
  }
}
