// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.spark.cli.ResultTable.Column;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.PlanBench.Trial;
import org.unroll.spark.lab.Predictor;
import org.unroll.spark.lab.Predictor.Prediction;
import org.unroll.spark.lab.Predictor.Way;
import org.unroll.spark.lab.Profile;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import org.unroll.spark.rounds.SumKind;

/** Shows a plan to people, and as JSON. */
final class PlanReport {
  private static final DoubleFunction<String> MILLISECONDS = ms -> Figures.significant(ms) + " ms";

  private static final List<Column> COLUMNS =
      List.of(
          new Column("tokens/s", "tokens_per_second", Figures::rate),
          new Column("speed-up", "speed_up", Figures::ratio),
          new Column("efficiency", "efficiency", Figures::percent),
          new Column("compute", "compute_ms", MILLISECONDS),
          new Column("exchange", "exchange_ms", MILLISECONDS),
          new Column("update", "update_ms", MILLISECONDS),
          new Column("at driver", "driver_bytes", bytes -> Figures.bytes(Math.round(bytes))));

  /** So many windows a round, or steps of each shard, are looked at as well. */
  private static final List<Integer> FEWER = List.of(4, 16);

  private static final List<SumKind> SUMS = List.of(SumKind.DRIVER, SumKind.SHARED);

  private final Predictor predictor;
  private final RoundSpec round;
  private final Map<SumKind, List<Prediction>> predictions = new LinkedHashMap<>();
  private final List<Integer> shown;
  private final int asked;

  /**
   * Prepares a report on some numbers of executors.
   *
   * @param round what a shard does in a round
   * @param executors those to be shown; all up to the largest are looked at
   */
  PlanReport(Predictor predictor, RoundSpec round, List<Integer> executors) {
    this.predictor = predictor;
    this.round = round;
    asked = executors.stream().mapToInt(n -> n).max().orElseThrow();
    for (SumKind sum : SUMS) {
      predictions.put(sum, predictor.all(new Way(sum, round), asked));
    }
    int most = predictor.most(asked);
    shown = executors.stream().map(n -> Math.min(n, most)).distinct().sorted().toList();
  }

  /** Returns a table for each place of sums, with a sentence below, and one of fewer rounds. */
  String text() {
    List<String> parts = new ArrayList<>();
    predictions.forEach((sum, all) -> parts.add(table(sum, all)));
    if (round.equals(RoundSpec.ONE)) {
      parts.add(fewerRounds());
    }
    int most = predictions.get(SumKind.DRIVER).size();
    if (most < asked) {
      parts.add(
          ("\nA batch of %s streams feeds at most %s executors: for more, a larger --batch, or"
                  + " --scaling weak.")
              .formatted(most, most));
    }
    return String.join("\n", parts);
  }

  private String fewerRounds() {
    List<Column> columns =
        fewer().keySet().stream().map(name -> new Column(name, name, Figures::rate)).toList();
    List<String> names = shown.stream().map(Figures::count).toList();
    return "Fewer rounds: tokens/s with sums where they are faster\n"
        + ResultTable.of(columns, names, fewerRows());
  }

  /** Returns the rounds that are fewer, by the options that make them. */
  private static Map<String, RoundSpec> fewer() {
    Map<String, RoundSpec> rounds = new LinkedHashMap<>();
    FEWER.forEach(n -> rounds.put("accumulate " + n, new RoundSpec(n, 1)));
    FEWER.forEach(n -> rounds.put("local-steps " + n, new RoundSpec(1, n)));
    return rounds;
  }

  private List<Map<String, Object>> fewerRows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int executors : shown) {
      Map<String, Object> row = Json.fields("executors", executors);
      fewer()
          .forEach(
              (name, spec) ->
                  row.put(
                      name,
                      SUMS.stream()
                          .map(sum -> predictor.predict(new Way(sum, spec), executors))
                          .mapToDouble(Prediction::tokensPerSecond)
                          .max()
                          .orElseThrow()));
      rows.add(row);
    }
    return rows;
  }

  private String table(SumKind sum, List<Prediction> all) {
    String heading = sum == SumKind.DRIVER ? "Sums of the driver" : "Sums that executors share";
    List<String> names = shown.stream().map(Figures::count).toList();
    String table = ResultTable.of(COLUMNS, names, rows(all));
    return String.join("\n", heading + ": predictions", table, advice(all), "");
  }

  private static String advice(List<Prediction> all) {
    Prediction fastest = Predictor.fastest(all);
    Prediction worthwhile = Predictor.worthwhile(all);
    if (fastest.executors() == 1) {
      return "One executor is fastest.";
    }
    String best =
        "Fastest with %s (%s times one)."
            .formatted(
                Figures.count(fastest.executors()), Figures.ratio(fastest.speedUp(all.get(0))));
    if (worthwhile.executors() == all.size()) {
      return best + "\nEach of them brings at least 10 % of what one does alone.";
    }
    return best
        + "\nMore than %s bring less than 10 %% of what one does alone, each."
            .formatted(Figures.count(worthwhile.executors()));
  }

  /** Returns the costs that the prediction is made of, for people. */
  Map<String, Object> costs() {
    Profile profile = predictor.profile();
    Link link = predictor.link();
    Map<String, Object> rows = Json.fields("parameters", Figures.count(profile.parameters()));
    String written = Figures.percent(profile.written(profile.batch()) / profile.parameters());
    String changed = Figures.percent(profile.changed() / profile.parameters());
    rows.put("a round", written + " of them have a gradient, " + changed + " go back");
    rows.put("message", Figures.milliseconds(link.roundSeconds() + link.messageSeconds()));
    String driver = Figures.milliseconds(1e6 * link.driverSecondsPerByte());
    String worker = Figures.milliseconds(1e6 * link.workerSecondsPerByte());
    String mesh = Figures.milliseconds(1e6 * link.meshSecondsPerByte());
    rows.put(
        "a megabyte",
        "%s of the driver, %s of an executor, %s between executors"
            .formatted(driver, worker, mesh));
    rows.put("network", network(link));
    return rows;
  }

  private static String network(Link link) {
    String bandwidth =
        Double.isInfinite(link.bytesPerSecond())
            ? "as between the processes here"
            : Figures.bytes(Math.round(link.bytesPerSecond() / Link.PAYLOAD)) + "/s";
    return bandwidth + ", " + Figures.milliseconds(link.latencySeconds()) + " more latency";
  }

  /** Returns predictions beside what was measured. */
  static String trials(List<Trial> trials) {
    return trials.stream()
        .map(
            trial ->
                "%s here, sums %s: predicted %s tokens/s, measured %s (%+.0f %%)%s"
                    .formatted(
                        Figures.count(trial.workers(), "worker"),
                        trial.sum() == SumKind.DRIVER ? "of the driver" : "shared",
                        Figures.rate(trial.predicted()),
                        Figures.rate(trial.measured()),
                        100 * trial.error(),
                        trial.traffic().isNone()
                            ? ""
                            : "; the driver has " + trial.traffic().describe() + " a round"))
        .collect(joining("\n"));
  }

  /** Returns all of it by names. */
  Map<String, Object> figures(List<Trial> trials) {
    Profile profile = predictor.profile();
    Link link = predictor.link();
    Map<String, Object> figures =
        Json.fields(
            "parameters", profile.parameters(),
            "changed", profile.changed(),
            "scaling", Converters.name(predictor.scaling()),
            "shards", profile.shards().stream().map(PlanReport::figures).toList(),
            "update_ms", 1e3 * profile.updateSeconds());
    figures.put(
        "link",
        Json.fields(
            "round_ms", 1e3 * link.roundSeconds(),
            "message_ms", 1e3 * link.messageSeconds(),
            "worker_ms_per_mb", 1e9 * link.workerSecondsPerByte(),
            "driver_ms_per_mb", 1e9 * link.driverSecondsPerByte(),
            "mesh_ms_per_mb", 1e9 * link.meshSecondsPerByte()));
    predictions.forEach((sum, all) -> figures.put(Converters.name(sum), summary(all)));
    if (round.equals(RoundSpec.ONE)) {
      figures.put("fewer_rounds", fewerRows());
    }
    figures.put("check", trials.stream().map(PlanReport::figures).toList());
    return figures;
  }

  private static Map<String, Object> figures(Profile.ShardCost shard) {
    return Json.fields(
        "rows", shard.rows(), "compute_ms", 1e3 * shard.seconds(), "floats", shard.written());
  }

  private static Map<String, Object> figures(Trial trial) {
    return Json.fields(
        "workers", trial.workers(),
        "sum", Converters.name(trial.sum()),
        "predicted_tokens_per_second", trial.predicted(),
        "measured_tokens_per_second", trial.measured(),
        "relative_error", trial.error(),
        "driver_bytes", trial.traffic().in() + trial.traffic().out());
  }

  private Map<String, Object> summary(List<Prediction> all) {
    return Json.fields(
        "fastest", Predictor.fastest(all).executors(),
        "worthwhile", Predictor.worthwhile(all).executors(),
        "predictions", rows(all));
  }

  private List<Map<String, Object>> rows(List<Prediction> all) {
    return shown.stream().map(n -> figures(all.get(n - 1), all.get(0))).toList();
  }

  private static Map<String, Object> figures(Prediction prediction, Prediction one) {
    double speedUp = prediction.speedUp(one);
    return Json.fields(
        "executors",
        prediction.executors(),
        "tokens_per_second",
        prediction.tokensPerSecond(),
        "speed_up",
        speedUp,
        "efficiency",
        speedUp / prediction.executors(),
        "compute_ms",
        1e3 * prediction.computeSeconds(),
        "exchange_ms",
        1e3 * prediction.exchangeSeconds(),
        "update_ms",
        1e3 * prediction.updateSeconds(),
        "driver_bytes",
        prediction.driverBytes());
  }
}
