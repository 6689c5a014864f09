// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.lab.Contender;
import org.unroll.spark.lab.GemmCase;
import org.unroll.spark.lab.Race;
import org.unroll.spark.lab.Roster;
import org.unroll.spark.lab.TrainingCase;
import org.unroll.spark.lab.TrainingCase.Family;
import org.unroll.spark.lab.Variant;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Races of several contenders over some cases: every case is run by all contenders in processes of
 * their own, a row appears as soon as its case is done, and the machine stands below.
 */
@OptionRule.Group("Comparison")
abstract class RaceCommand extends BaseCommand {
  /** The time in which some hundred samples are taken of a step. */
  private static final double PROFILE_SECONDS = 5;

  /** The options that say how long to measure. */
  @OptionRule.Group("Measuring")
  static final class PaceOptions {
    @Option(
        names = "--rounds",
        paramLabel = "COUNT",
        description = "Turns that each contender has; medians count.")
    @Range(min = 1)
    int rounds = 7;

    @Option(names = "--seconds", description = "Length of a turn, at least one step.")
    @Range(above = true)
    double seconds = 0.4;

    @Option(
        names = "--warm-up",
        paramLabel = "SECONDS",
        description =
            "What each contender runs beforehand, and longer until it is not becoming faster.")
    @Range
    double warmUp = 4;

    Race.Pace pace() {
      return new Race.Pace(rounds, seconds, warmUp);
    }
  }

  /** Measures matrix products. */
  @Command(
      name = "kernels",
      description = {
        "Measures matrix products on one thread, in the forms that training needs: forward (C = A"
            + " B, B packed beforehand), accumulate (C += A B, B packed beforehand),"
            + " weight-gradient (C += A^T B with both packed each time).",
        "'of limit' is the share of what fused multiply-adds alone reach, 'PyTorch' its GFLOP/s,"
            + " 'ratio' ours divided by its."
      })
  static final class Kernels extends RaceCommand {
    @Option(
        names = "--shapes",
        split = ",",
        paramLabel = "SHAPE",
        description =
            "MxNxK for the product of an MxK and a KxN matrix, or tile for one register tile, whose"
                + " factors stay in the first cache; commas between several.")
    List<String> shapes = List.of("tile", "256x2048x512", "20x2600x650", "50x512x128");

    @Override
    boolean countsTokens() {
      return false;
    }

    @Override
    List<Race.Work> works() {
      return shapes.stream()
          .flatMap(shape -> GemmCase.parse(shape).stream())
          .map(GemmCase::work)
          .toList();
    }
  }

  /** Measures whole training steps of one family of networks, of which tokens count. */
  abstract static class Training extends RaceCommand {
    @Option(names = "--half", description = "Measure every case with half its batch too.")
    boolean half;

    @Option(
        names = "--threads",
        paramLabel = "COUNT",
        description = "Threads of a training step, ours and PyTorch's.")
    @Range(min = 1)
    int threads = 1;

    @Option(
        names = "--profile",
        description =
            "Tell what shares of a step go into products by what they are for, packing, cells,"
                + " softmax and update, from samples; also of what --compare runs of this build.")
    boolean profile;

    @Override
    int threads() {
      return threads;
    }

    @Override
    boolean profiles() {
      return profile;
    }

    /**
     * Returns the works of the cases that were asked for.
     *
     * @param names of standard cases, or own ones; none for all standard cases
     */
    List<Race.Work> works(Family family, List<String> names) {
      List<TrainingCase> cases =
          names.isEmpty()
              ? family.standard()
              : names.stream().map(name -> find(family, name)).toList();
      return cases.stream()
          .flatMap(c -> half ? Stream.of(c, c.half()) : Stream.of(c))
          .map(c -> c.work(threads, seed))
          .toList();
    }

    private static TrainingCase find(Family family, String word) {
      if (word.contains("=")) {
        return family.parse(word);
      }
      List<String> known = family.standard().stream().map(TrainingCase::name).toList();
      if (!known.contains(word)) {
        throw new InputException(
            "There is no case '%s'%s There are %s, and your own as %s."
                .formatted(
                    word,
                    Nearest.hint(": ", word, known).orElse("."),
                    String.join(", ", known),
                    family.syntax()));
      }
      return family.standard().get(known.indexOf(word));
    }
  }

  /** Measures training steps of language models. */
  @Command(
      name = "cells",
      description = {
        "Measures training steps of recurrent networks: forward, backward, clipping, update.",
        "GFLOP/s count the matrix products as a textbook makes them, three for every weight and"
            + " position; 'of limit' is their share of what fused multiply-adds alone reach (more"
            + " than 100 % where products are saved), 'PyTorch' its tokens/s, 'ratio' ours divided by"
            + " its, 'garbage' what a step allocates, 'memory' the buffers beside the parameters."
      })
  static final class Cells extends Training {
    @Option(
        names = "--cases",
        split = ",",
        paramLabel = "CASE",
        description =
            "Names of standard cases, or own ones as "
                + TrainingCase.CELL_SYNTAX
                + " such as "
                + TrainingCase.CELL_EXAMPLE
                + "; commas between several (default: all standard cases).")
    List<String> names = new ArrayList<>();

    @Override
    List<Race.Work> works() {
      return works(Family.CELLS, names);
    }
  }

  /** Measures training steps of networks that read whole sequences. */
  @Command(
      name = "readers",
      description = {
        "Measures training steps of networks that read whole sequences, of lengths as in text:"
            + " forward, backward, clipping, Adam. tokens/s count no padding, and of a translation"
            + " what is written. translate-beam trains nothing: it writes the best sentences of a"
            + " beam of 5, all of 20 tokens.",
        "GFLOP/s count the matrix products as a textbook makes them, three for every weight and"
            + " token; 'of limit' is their share of what fused multiply-adds alone reach, 'PyTorch'"
            + " its tokens/s with padded batches, packed ones to translate, 'ratio' ours divided by its, 'garbage' what a step"
            + " allocates, 'memory' the buffers beside the parameters."
      })
  static final class Readers extends Training {
    @Option(
        names = "--cases",
        split = ",",
        paramLabel = "CASE",
        description =
            "Names of standard cases, or own ones as "
                + TrainingCase.READER_SYNTAX
                + " such as "
                + TrainingCase.READER_EXAMPLE
                + "; commas between several (default: all standard cases).")
    List<String> names = new ArrayList<>();

    @Override
    List<Race.Work> works() {
      return works(Family.READERS, names);
    }
  }

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

  @Mixin PaceOptions pace;

  /** Returns what is measured, in this order. */
  abstract List<Race.Work> works();

  /** Returns whether training steps are measured, by their tokens, or else products. */
  boolean countsTokens() {
    return true;
  }

  /** Returns the threads that a case runs on. */
  int threads() {
    return 1;
  }

  /** Returns whether to tell what time goes into. */
  boolean profiles() {
    return false;
  }

  @Override
  final Map<String, Object> run() {
    List<Race.Work> works = works();
    List<Variant> variants = compare.stream().distinct().map(Variant::parse).toList();
    Roster roster = Roster.find(python, "python3", variants, terminal()::note);
    ResultTable table = new ResultTable(works.stream().map(Race.Work::name).toList(), columns());
    show(table.header());
    List<Double> limits = new ArrayList<>();
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Race.Work work : works) {
      Race race = new Race(pace.pace(), what -> terminal().status(work.name() + "  " + what));
      Race.Result result;
      Map<String, Map<String, Double>> profiles;
      try (Roster.Lineup lineup = roster.start()) {
        result = race.run(lineup.contenders(), work.request());
        profiles = profiles() ? profiles(lineup.contenders(), variants) : Map.of();
      }
      Map<String, Object> figures = figures(work, variants, result);
      show(table.row(work.name(), figures));
      variants.forEach(variant -> show("  " + words(work, variant, result)));
      profiles.forEach((name, parts) -> show("  " + name + ": " + words(parts)));
      if (profiles()) {
        figures.put("profile", profiles);
      }
      entries.add(figures);
      limits.addAll(result.limits());
    }
    double limit = Race.median(limits);
    Map<String, Object> conditions =
        Json.fields(
            "limit",
            Figures.rate(limit) + " GFLOP/s on one thread",
            "products",
            Ops.describeProducts());
    conditions.putAll(roster.abouts());
    showConditions(conditions);
    return Json.fields("limit_gflops", limit, spec.name(), entries);
  }

  /** Returns the columns of a table for people. */
  final List<Column> columns() {
    Column gflops = new Column("GFLOP/s", 5, "gflops", Figures::rate);
    Column limit = new Column("of limit", 5, "limit_share", Figures::percent);
    Column ratio = new Column("ratio", 5, "ratio", Figures::ratio);
    return countsTokens()
        ? List.of(
            new Column("tokens/s", 9, "tokens_per_second", Figures::rate),
            gflops,
            limit,
            new Column("PyTorch", 9, "pytorch_tokens_per_second", Figures::rate),
            ratio,
            new Column("garbage", 9, "allocated_bytes_per_step", b -> Figures.bytes((long) b)),
            new Column("memory", 6, "workspace_bytes", b -> Figures.bytes((long) b)))
        : List.of(gflops, limit, new Column("PyTorch", 5, "pytorch_gflops", Figures::rate), ratio);
  }

  /** Returns a case's figures by their names in JSON. */
  final Map<String, Object> figures(Race.Work work, List<Variant> variants, Race.Result result) {
    Map<String, Object> figures = Json.fields("name", work.name());
    figures.putAll(work.shape());
    Race.Score ours = result.score(Roster.OURS);
    figures.put(rateName(), rate(work, ours));
    figures.putIfAbsent("gflops", gflops(work, ours));
    figures.put("limit_share", limitShare(work, ours, result.limit()));
    Race.Score peer = result.score(Roster.PYTORCH);
    if (peer != null) {
      figures.put("pytorch_" + rateName(), rate(work, peer));
      figures.put("ratio", result.ratio(Roster.OURS, Roster.PYTORCH));
    }
    putMemory(figures, work, ours);
    if (!variants.isEmpty()) {
      Map<String, Object> compared = new LinkedHashMap<>();
      variants.forEach(v -> compared.put(v.name(), comparedFigures(work, v.name(), result)));
      figures.put("compare", compared);
    }
    return figures;
  }

  private Map<String, Object> comparedFigures(Race.Work work, String variant, Race.Result result) {
    Race.Score score = result.score(variant);
    Map<String, Object> figures = Json.fields(rateName(), rate(work, score));
    figures.put("ratio", result.ratio(variant, Roster.OURS));
    figures.put("ours_ratio", result.ratio(Roster.OURS, variant));
    figures.put("limit_share", limitShare(work, score, score.limit()));
    putMemory(figures, work, score);
    return figures;
  }

  private void putMemory(Map<String, Object> figures, Race.Work work, Race.Score score) {
    if (countsTokens()) {
      figures.put("allocated_bytes_per_step", Math.round(score.bytes() / work.steps()));
      figures.put("workspace_bytes", score.workspaceBytes());
    }
  }

  private String rateName() {
    return countsTokens() ? "tokens_per_second" : "gflops";
  }

  /** Returns what counts of a case, per second. */
  private double rate(Race.Work work, Race.Score score) {
    return countsTokens() ? work.tokens() / score.seconds() : gflops(work, score);
  }

  /** Returns the share of a limit of one thread that a score reaches on all of its threads. */
  private double limitShare(Race.Work work, Race.Score score, double limit) {
    return gflops(work, score) / (limit * threads());
  }

  private static double gflops(Race.Work work, Race.Score score) {
    return work.flops() / score.seconds() / 1e9;
  }

  /** Returns the profiles of this build, however it is run. */
  private static Map<String, Map<String, Double>> profiles(
      List<Contender> contenders, List<Variant> variants) {
    Set<String> ours = new HashSet<>(Set.of(Roster.OURS));
    variants.stream().filter(v -> !v.otherBuild()).map(Variant::name).forEach(ours::add);
    Map<String, Map<String, Double>> profiles = new LinkedHashMap<>();
    contenders.stream()
        .filter(contender -> ours.contains(contender.name()))
        .forEach(contender -> profiles.put(contender.name(), contender.profile(PROFILE_SECONDS)));
    return profiles;
  }

  private static String words(Map<String, Double> parts) {
    return parts.entrySet().stream()
        .map(part -> part.getKey() + " " + Figures.percent(part.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Returns a variant's rate beside ours; of another build, what ours is to it. */
  private String words(Race.Work work, Variant variant, Race.Result result) {
    Race.Score score = result.score(variant.name());
    String unit = countsTokens() ? "tokens/s" : "GFLOP/s";
    String rate = "%s  %s %s".formatted(variant.name(), Figures.rate(rate(work, score)), unit);
    if (!variant.otherBuild()) {
      return "%s, %s of its own limit, %s of ours"
          .formatted(
              rate,
              Figures.percent(limitShare(work, score, score.limit())),
              Figures.ratio(result.ratio(variant.name(), Roster.OURS)));
    }
    String ours = rate + ", ours " + Figures.ratio(result.ratio(Roster.OURS, variant.name()));
    long memory = score.workspaceBytes();
    if (memory == Contender.UNKNOWN || memory == 0) {
      return ours;
    }
    double share = (double) result.score(Roster.OURS).workspaceBytes() / memory;
    return ours + ", memory " + Figures.bytes(memory) + ", ours " + Figures.ratio(share);
  }
}
