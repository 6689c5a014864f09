// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.Race;
import org.unroll.spark.lab.Roster;
import org.unroll.spark.lab.TrainingCase;
import org.unroll.spark.report.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures whole training steps of one family of networks. */
abstract class TrainingRaceCommand extends RaceCommand {
  @Option(names = "--half", description = "Measure every case with half its batch too.")
  boolean half;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "COUNT",
      description = "Threads of a training step, ours and PyTorch's.")
  @Range(min = 1)
  int threads;

  private final TrainingCase.Family family;

  private TrainingRaceCommand(TrainingCase.Family family) {
    super(Converters.name(family), "tokens_per_second", "tokens/s");
    this.family = family;
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
  static final class Cells extends TrainingRaceCommand {
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

    Cells() {
      super(TrainingCase.Family.CELLS);
    }

    @Override
    List<String> names() {
      return names;
    }
  }

  /** Measures training steps of networks that read whole sequences. */
  @Command(
      name = "readers",
      description = {
        "Measures training steps of networks that read whole sequences, of lengths as in text:"
            + " forward, backward, clipping, Adam. tokens/s count no padding.",
        "GFLOP/s count the matrix products as a textbook makes them, three for every weight and"
            + " token; 'of limit' is their share of what fused multiply-adds alone reach, 'PyTorch'"
            + " its tokens/s with padded batches, 'ratio' ours divided by its, 'garbage' what a step"
            + " allocates, 'memory' the buffers beside the parameters."
      })
  static final class Readers extends TrainingRaceCommand {
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

    Readers() {
      super(TrainingCase.Family.READERS);
    }

    @Override
    List<String> names() {
      return names;
    }
  }

  /** Returns the cases that were asked for; none for all standard cases. */
  abstract List<String> names();

  @Override
  final List<Race.Work> works() {
    List<TrainingCase> cases =
        names().isEmpty() ? family.standard() : names().stream().map(this::find).toList();
    return cases.stream()
        .flatMap(c -> half ? Stream.of(c, c.half()) : Stream.of(c))
        .map(c -> c.work(threads, common.seed))
        .toList();
  }

  private TrainingCase find(String word) {
    if (word.contains("=")) {
      return family.parse(word);
    }
    List<TrainingCase> standard = family.standard();
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
              + family.syntax()
              + ".");
    }
    return standard.get(index);
  }

  @Override
  final double rate(Race.Work work, double seconds) {
    return work.tokens() / seconds;
  }

  @Override
  final int threads() {
    return threads;
  }

  @Override
  final List<ResultTable.Column> columns() {
    return List.of(
        new ResultTable.Column("tokens/s", 9),
        new ResultTable.Column("GFLOP/s", 5),
        new ResultTable.Column("of limit", 5),
        new ResultTable.Column("PyTorch", 9),
        new ResultTable.Column("ratio", 5),
        new ResultTable.Column("garbage", 9),
        new ResultTable.Column("memory", 6));
  }

  @Override
  final List<String> row(Race.Work work, Race.Result result) {
    Race.Score ours = result.score(Roster.OURS);
    List<String> figures = new ArrayList<>();
    figures.add(Figures.rate(rate(work, ours.seconds())));
    figures.add(Figures.rate(gflops(work, result)));
    figures.addAll(comparison(work, result));
    figures.add(Figures.bytes(allocated(work, ours)));
    figures.add(Figures.bytes(ours.workspaceBytes()));
    return figures;
  }

  /** Returns the bytes that one step allocates. */
  private static long allocated(Race.Work work, Race.Score score) {
    return Math.round(score.bytes() / work.steps());
  }

  @Override
  final void putMore(Map<String, Object> figures, Race.Work work, Race.Score score) {
    figures.put("allocated_bytes_per_step", allocated(work, score));
    figures.put("workspace_bytes", score.workspaceBytes());
  }
}
