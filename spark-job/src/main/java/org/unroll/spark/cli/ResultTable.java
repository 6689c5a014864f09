// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.TrainResult;
import org.unroll.rnn.train.TrainResult.Ending;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Report;
import org.unroll.spark.task.LanguageModelResult;
import org.unroll.spark.task.ReadingResult;
import org.unroll.spark.task.ReadingScore;

/** A run's figures as a small table for people. */
final class ResultTable {
  private ResultTable() {}

  static String of(LanguageModelResult result) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        result.best().valid() == null ? "training loss" : "validation loss",
        loss(result.best().watched()));
    if (result.training().test() != null) {
      rows.put("test loss", loss(result.training().test()));
    }
    rows.put("best epoch", bestEpoch(result.training()));
    rows.put(
        "speed",
        Figures.rate(result.training().tokensPerSecond())
            + " tokens/s, "
            + Figures.duration(result.seconds())
            + " in all");
    rows.put("peak memory", result.memory().describe());
    rows.put("model", result.out());
    rows.put("report", result.out() + "/report.html");
    return text(rows);
  }

  static String of(ReadingResult result) {
    Map<String, String> rows = new LinkedHashMap<>();
    if (result.valid() != null) {
      rows.put("validation", scores(result.valid()));
    }
    if (result.test() != null) {
      rows.put("test", scores(result.test()));
    }
    rows.put("best epoch", bestEpoch(result.training()));
    rows.put(
        "speed",
        Figures.rate(result.training().tokensPerSecond())
            + " "
            + result.counted()
            + "/s, "
            + Figures.duration(result.seconds())
            + " in all");
    rows.put("peak memory", result.memory().describe());
    rows.put("model", result.out());
    rows.put("report", result.out() + "/report.html");
    return text(rows);
  }

  private static String bestEpoch(TrainResult training) {
    String stopped =
        training.ending() == Ending.MAX_STEPS
            ? ", stopped after step " + Figures.count(training.rounds())
            : "";
    return training.bestEpoch() + " of " + training.epochs().size() + stopped;
  }

  /** Such as {@code loss 0.2519, accuracy 0.9107}. */
  static String scores(ReadingScore score) {
    return score.figures().entrySet().stream()
        .map(figure -> figure.getKey() + " " + Figures.fine((double) figure.getValue()))
        .map(text -> text.replace('_', ' '))
        .collect(Collectors.joining(", "));
  }

  /** Such as {@code 1.556 nats per token, perplexity 4.74, 2.245 bits per token}. */
  static String loss(Loss loss) {
    return Figures.loss(loss.mean())
        + " nats per token, perplexity "
        + Figures.perplexity(Math.exp(loss.mean()))
        + ", "
        + Figures.loss(loss.mean() / Math.log(2))
        + " bits per token";
  }

  /** Rows below their columns' names. */
  static String of(Report.Table table) {
    List<ColumnTable.Column> columns = new ArrayList<>();
    for (int c = 1; c < table.columns().size(); c++) {
      int column = c;
      int width = table.rows().stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
      columns.add(new ColumnTable.Column(table.columns().get(c), width));
    }
    ColumnTable text =
        new ColumnTable(table.rows().stream().map(row -> row.get(0)).toList(), columns);
    StringBuilder lines = new StringBuilder(table.heading()).append('\n').append(text.header());
    for (List<String> row : table.rows()) {
      lines.append('\n').append(text.row(row.get(0), row.subList(1, row.size())));
    }
    return lines.toString();
  }

  static String text(Map<String, String> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    rows.forEach((name, value) -> text.append(("%-" + width + "s  %s%n").formatted(name, value)));
    return text.toString().stripTrailing();
  }
}
