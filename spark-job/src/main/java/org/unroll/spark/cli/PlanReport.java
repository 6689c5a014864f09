// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.PlanBench.Trial;
import org.unroll.spark.lab.Predictor;
import org.unroll.spark.lab.Predictor.Prediction;
import org.unroll.spark.lab.Predictor.Reduction;
import org.unroll.spark.lab.Predictor.Scaling;
import org.unroll.spark.lab.Profile;
import org.unroll.spark.report.Figures;

/** Shows a plan to people, and as JSON. */
final class PlanReport {
  private static final List<ResultTable.Column> COLUMNS =
      List.of(
          new ResultTable.Column("tokens/s", 9),
          new ResultTable.Column("speed-up", 6),
          new ResultTable.Column("efficiency", 5),
          new ResultTable.Column("compute", 9),
          new ResultTable.Column("exchange", 9),
          new ResultTable.Column("update", 9));

  private final Map<Reduction, List<Prediction>> predictions = new LinkedHashMap<>();
  private final List<Integer> shown;
  private final int asked;

  /**
   * Prepares a report on some numbers of executors.
   *
   * @param executors those to be shown; all up to the largest are looked at
   */
  PlanReport(Predictor predictor, List<Integer> executors) {
    asked = executors.stream().mapToInt(n -> n).max().orElseThrow();
    for (Reduction reduction : Reduction.values()) {
      predictions.put(reduction, predictor.all(reduction, asked));
    }
    int most = predictor.most(asked);
    shown = executors.stream().map(n -> Math.min(n, most)).distinct().sorted().toList();
  }

  /** Returns both tables, with a sentence below each. */
  String text() {
    List<String> lines = new ArrayList<>();
    predictions.forEach((reduction, all) -> addTable(lines, reduction, all));
    int most = predictions.get(Reduction.HUB).size();
    if (most < asked) {
      lines.add(
          "A batch of "
              + most
              + " streams feeds at most "
              + most
              + " executors: for more, a larger --batch, or --scaling weak.");
    }
    return String.join("\n", lines);
  }

  private void addTable(List<String> lines, Reduction reduction, List<Prediction> all) {
    lines.add(
        reduction == Reduction.HUB
            ? "The driver as hub: predictions"
            : "Along a tree of executors: predictions");
    ResultTable table = new ResultTable(shown.stream().map(n -> name(n)).toList(), COLUMNS);
    lines.add(table.header());
    Prediction one = all.get(0);
    for (int executors : shown) {
      lines.add(table.row(name(executors), row(all.get(executors - 1), one)));
    }
    lines.add(advice(all));
    lines.add("");
  }

  private static String name(int executors) {
    return Figures.count(executors);
  }

  private static List<String> row(Prediction prediction, Prediction one) {
    double speedUp = prediction.speedUp(one);
    return List.of(
        Figures.rate(prediction.tokensPerSecond()),
        Figures.ratio(speedUp),
        Figures.percent(speedUp / prediction.executors()),
        milliseconds(prediction.computeSeconds()),
        milliseconds(prediction.exchangeSeconds()),
        milliseconds(prediction.updateSeconds()));
  }

  private static String milliseconds(double seconds) {
    return Figures.significant(1e3 * seconds) + " ms";
  }

  private static String advice(List<Prediction> all) {
    Prediction fastest = Predictor.fastest(all);
    Prediction worthwhile = Predictor.worthwhile(all);
    if (fastest.executors() == 1) {
      return "One executor is fastest.";
    }
    String best =
        "Fastest with %s (%s times one)."
            .formatted(name(fastest.executors()), Figures.ratio(fastest.speedUp(all.get(0))));
    if (worthwhile.executors() == all.size()) {
      return best + "\nEach of them brings at least 10 % of what one does alone.";
    }
    return best
        + "\nMore than %s bring less than 10 %% of what one does alone, each."
            .formatted(name(worthwhile.executors()));
  }

  /** Returns the costs that the prediction is made of, for people. */
  static Map<String, String> costs(Profile profile, Link link) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("parameters", Figures.count(profile.parameters()));
    rows.put(
        "a round",
        Figures.percent(profile.written(profile.batch()) / profile.parameters())
            + " of them have a gradient, "
            + Figures.percent(profile.changed() / profile.parameters())
            + " go back");
    rows.put("message", milliseconds(link.roundSeconds() + link.messageSeconds()));
    rows.put(
        "a megabyte",
        milliseconds(1e6 * link.driverSecondsPerByte())
            + " of the driver, "
            + milliseconds(1e6 * link.workerSecondsPerByte())
            + " of an executor");
    rows.put("network", network(link));
    return rows;
  }

  private static String network(Link link) {
    String bandwidth =
        Double.isInfinite(link.bytesPerSecond())
            ? "as between the processes here"
            : Figures.bytes(Math.round(link.bytesPerSecond())) + "/s";
    return bandwidth + ", " + milliseconds(link.latencySeconds()) + " more latency";
  }

  /** Returns predictions beside what was measured. */
  static String trials(List<Trial> trials) {
    List<String> lines = new ArrayList<>();
    for (Trial trial : trials) {
      lines.add(
          "%d %s here: predicted %s tokens/s, measured %s (%+.0f %%)"
              .formatted(
                  trial.workers(),
                  trial.workers() == 1 ? "worker" : "workers",
                  Figures.rate(trial.predicted()),
                  Figures.rate(trial.measured()),
                  100 * trial.error()));
    }
    return String.join("\n", lines);
  }

  /** Returns all of it by names. */
  Map<String, Object> figures(Profile profile, Link link, Scaling scaling, List<Trial> trials) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("parameters", profile.parameters());
    figures.put("changed", profile.changed());
    figures.put("scaling", Converters.name(scaling));
    figures.put(
        "shards",
        profile.shards().stream()
            .map(
                s ->
                    figures(
                        "rows", s.rows(), "compute_ms", 1e3 * s.seconds(), "floats", s.written()))
            .toList());
    figures.put("update_ms", 1e3 * profile.updateSeconds());
    figures.put(
        "link",
        figures(
            "round_ms", 1e3 * link.roundSeconds(),
            "message_ms", 1e3 * link.messageSeconds(),
            "worker_ms_per_mb", 1e9 * link.workerSecondsPerByte(),
            "driver_ms_per_mb", 1e9 * link.driverSecondsPerByte()));
    predictions.forEach(
        (reduction, all) ->
            figures.put(reduction.name().toLowerCase(Locale.ROOT), reductionFigures(all)));
    figures.put(
        "check",
        trials.stream()
            .map(
                t ->
                    figures(
                        "workers", t.workers(),
                        "predicted_tokens_per_second", t.predicted(),
                        "measured_tokens_per_second", t.measured(),
                        "relative_error", t.error()))
            .toList());
    return figures;
  }

  private Map<String, Object> reductionFigures(List<Prediction> all) {
    Prediction one = all.get(0);
    List<Map<String, Object>> figures =
        shown.stream()
            .map(n -> all.get(n - 1))
            .map(
                f ->
                    figures(
                        "executors",
                        f.executors(),
                        "tokens_per_second",
                        f.tokensPerSecond(),
                        "speed_up",
                        f.speedUp(one),
                        "efficiency",
                        f.speedUp(one) / f.executors(),
                        "compute_ms",
                        1e3 * f.computeSeconds(),
                        "exchange_ms",
                        1e3 * f.exchangeSeconds(),
                        "update_ms",
                        1e3 * f.updateSeconds()))
            .toList();
    return figures(
        "fastest", Predictor.fastest(all).executors(),
        "worthwhile", Predictor.worthwhile(all).executors(),
        "predictions", figures);
  }

  private static Map<String, Object> figures(Object... namesAndValues) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      figures.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return figures;
  }
}
