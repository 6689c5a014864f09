// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Report;

/** The numbers to remember of a reading task, those that matter most first. */
final class ReadingFigures {
  private static final String TRAINING = "training";
  private static final String VALIDATION = "validation";
  private static final String TEST = "test";

  private final Measure measure;
  private final List<Report.Figure> figures = new ArrayList<>();

  private ReadingFigures(Measure measure) {
    this.measure = measure;
  }

  /** While the training goes on. */
  static List<Report.Figure> unfinished(EpochMetrics best, Measure measure) {
    ReadingFigures page = new ReadingFigures(measure);
    boolean validated = best.valid() != null;
    if (validated) {
      page.add(measure.value().apply(best), measure.words(), VALIDATION);
    }
    page.loss(best.watched().mean(), validated ? VALIDATION : TRAINING);
    return page.figures;
  }

  /** When all is done: what was never used to choose anything comes first. */
  static List<Report.Figure> of(ReadingResult result, Measure measure) {
    ReadingFigures page = new ReadingFigures(measure);
    if (result.test() != null) {
      page.score(result.test(), TEST);
    }
    if (result.valid() != null) {
      page.score(result.valid(), VALIDATION);
    }
    EpochMetrics best = result.training().epochs().get(result.training().bestEpoch() - 1);
    page.loss(best.train().mean(), TRAINING);
    page.figures.addAll(
        Report.Figure.costs(
            result.training().tokensPerSecond(),
            measure.counted(),
            result.seconds(),
            Math.max(result.memory().driver(), result.memory().worker())));
    return page.figures;
  }

  private void score(ReadingScore score, String of) {
    Map<String, Object> values = new LinkedHashMap<>(score.figures());
    double loss = (double) values.remove("loss");
    // Those of forecasts that need no model stand beside the model's in a table.
    values.keySet().removeIf(name -> name.startsWith("naive_") || name.startsWith("seasonal_"));
    if (!measure.followsLoss()) {
      add((double) values.remove(measure.name()), measure.words(), of);
    }
    values.forEach((name, value) -> add((double) value, Figures.name(name), of));
    loss(loss, of);
    if (score.skipped() > 0) {
      figures.add(new Report.Figure(Figures.count(score.skipped()), "rows left out, " + of));
    }
  }

  private void loss(double loss, String of) {
    add(loss, measure.lossUnit(), of);
  }

  private void add(double value, String meaning, String of) {
    figures.add(new Report.Figure(Figures.fine(value), meaning + ", " + of));
  }
}
