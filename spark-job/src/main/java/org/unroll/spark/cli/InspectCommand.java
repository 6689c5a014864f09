// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.lab.GradientCurves;
import org.unroll.spark.lab.UnitReading;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.GradientsPage;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Page;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.task.TaskModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that draw what a network does: one page, and its pictures where asked for. */
abstract class InspectCommand extends BaseCommand {
  @Mixin PageOptions page;

  /** Refuses a call without a place for the page, or for a page that may not be written. */
  final void requirePage() {
    OptionRules.require(
        json || page.isAsked() ? "" : null,
        "--out is missing: name the page, as in --out page.html, or ask for --json.");
    page.requireFree();
  }

  /** Writes the page and its pictures, if there are to be any. */
  final void write(Supplier<Page> made, Map<String, Object> figures) {
    if (page.isAsked()) {
      page.write(made.get(), "page", figures);
      page.told("page").forEach(this::result);
    }
  }

  /** The commands that have a model read a text. They need no Spark, unless there are rows. */
  abstract static class Reading extends InspectCommand {
    /** The most bytes of a text that are read: what pages are about is shown, not summed up. */
    private static final int MOST_BYTES = 100_000;

    @Mixin ModelOption model;

    @Option(
        names = "--text",
        paramLabel = "TEXT",
        description = "The text to read; \\n is the end of a line (default: none).")
    String text;

    @Option(
        names = "--input",
        paramLabel = "PATH",
        description =
            "What to read instead of --text: a file of text, of which the first 100,000 bytes count;"
                + " for attention, and for errors of models of rows, rows that are written as those"
                + " that the model learnt from (default: none).")
    String input;

    /** Refuses a call that names a text twice, or not at all. */
    final void requireOneInput() {
      if (text != null && input != null) {
        throw new InputException("--text and --input both name a text: leave one of them out.");
      }
      OptionRules.require(
          input == null ? text : input,
          "A text is missing: type one with --text, or name a file with --input.");
    }

    /** Returns the text that was named, in one way. */
    final String text() {
      requireOneInput();
      if (input == null) {
        return text.replace("\\n", "\n");
      }
      return HadoopFiles.read(
          input,
          "file",
          (in, name) -> {
            byte[] bytes = in.readNBytes(MOST_BYTES);
            String read = new String(bytes, StandardCharsets.UTF_8);
            // The last character may have been cut in two.
            return bytes.length < MOST_BYTES || read.isEmpty()
                ? read
                : read.substring(0, read.length() - 1);
          });
    }

    /** Opens the rows that were named, with labels or without. */
    final RowSet rows(SparkRuntime spark, TaskModel read, boolean labelled) {
      RowOptions usual = new RowOptions();
      return read.open(spark.session(), usual.input(List.of(input)), usual.choice(), labelled);
    }
  }

  /** Shows what the units do. */
  @Command(
      name = "gates",
      description =
          "Shows the gates and states of a model over a text: what units keep, write and forget, and"
              + " which follow something that can be seen.")
  static final class Gates extends Reading {
    @Option(
        names = "--tokens",
        paramLabel = "COUNT",
        description = "The first tokens of the text, which pictures show; all are read.")
    @Range(min = 1, max = 2000)
    int tokens = 160;

    @Override
    Map<String, Object> run() {
      requirePage();
      TaskModel read = model.read();
      UnitReading reading = UnitReading.of(model.model, read, text(), tokens);
      Map<String, Object> figures = reading.figures();
      result(ResultTable.text(lines(figures)));
      write(reading::page, figures);
      return figures;
    }

    private static Map<String, String> lines(Map<String, Object> figures) {
      Map<String, String> lines = new LinkedHashMap<>();
      for (Object one : (List<?>) figures.get("followers")) {
        Map<?, ?> follower = (Map<?, ?>) one;
        lines.put(
            follower.get("what").toString(),
            "%s, unit %s, correlation %s"
                .formatted(
                    follower.get("layer"),
                    follower.get("unit"),
                    Figures.ratio((double) follower.get("correlation"))));
      }
      return lines.isEmpty() ? Map.of("followers", "none") : lines;
    }
  }

  /** Shows how far gradients come back. */
  @Command(
      name = "gradients",
      description =
          "Shows how the gradient of a loss vanishes or explodes on its way back through time: of a"
              + " language model over a text, and of Elman, GRU and LSTM networks that are made alike.")
  static final class Gradients extends Reading {
    private static final String NOTE =
        "Clipping the norm makes every step's share smaller by the same factor: it holds an"
            + " explosion, and does nothing about vanishing.";

    @Option(
        names = "--steps",
        paramLabel = "STEPS",
        description = "Steps that are read before the loss.")
    @Range(min = 2, max = 1000)
    int steps = 50;

    @Option(
        names = "--hidden",
        paramLabel = "UNITS",
        description = "Units of the networks that are made alike.")
    @Range(min = 1, max = 2048)
    int hidden = 128;

    @Option(
        names = "--recurrent-scale",
        paramLabel = "FACTOR",
        description =
            "Multiplies the recurrent weights of those networks in a second chart, so that gradients"
                + " explode.")
    @Range(above = true)
    double recurrentScale = 4;

    @Option(
        names = "--clip-norm",
        paramLabel = "NORM",
        description = "The limit of the whole gradient's norm, to show what clipping leaves.")
    @Range(above = true)
    double clipNorm = 1;

    @Override
    Map<String, Object> run() {
      requirePage();
      GradientCurves curves = new GradientCurves(steps, clipNorm);
      List<GradientsPage.Chart> charts = new ArrayList<>();
      Map<String, Object> figures = Json.fields("steps", steps);
      if (model.model != null) {
        GradientsPage.Curve own = curves.of(model.model, model.read(), text());
        charts.add(new GradientsPage.Chart("This model", NOTE, List.of(own)));
        figures.put("model", GradientCurves.figures(charts.get(0).curves()));
      }
      List<GradientsPage.Curve> drawn = curves.drawn(hidden, 1, seed);
      List<GradientsPage.Curve> scaled = curves.drawn(hidden, recurrentScale, seed);
      charts.add(new GradientsPage.Chart("Networks before training", NOTE, drawn));
      charts.add(
          new GradientsPage.Chart("Recurrent weights times " + recurrentScale, NOTE, scaled));
      figures.put("networks", GradientCurves.figures(drawn));
      figures.put("scaled", GradientCurves.figures(scaled));
      result(ResultTable.text(lines(charts)));
      String summary =
          "One layer of %s units; losses at the end of sequences of %s steps."
              .formatted(hidden, steps);
      write(() -> GradientsPage.of("How far the loss reaches back", summary, charts), figures);
      return figures;
    }

    private Map<String, String> lines(List<GradientsPage.Chart> charts) {
      Map<String, String> lines = new LinkedHashMap<>();
      for (GradientsPage.Chart chart : charts) {
        for (GradientsPage.Curve curve : chart.curves()) {
          lines.put(
              "%s, %s".formatted(chart.heading(), curve.name()),
              "%s of the norm is left after %s steps"
                  .formatted(GradientsPage.power(curve.ratio()), steps));
        }
      }
      return lines;
    }
  }
}
