// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.RoundFigures;

/**
 * A model of a reading task that was trained.
 *
 * @param counted what {@link TrainResult#tokensPerSecond} counts
 * @param training its course
 * @param parameters how many it has
 * @param valid how good it is on the validation data, or null
 * @param test and on the test data, or null
 * @param embeddings what the vectors of words started from, or null
 * @param seconds from the first look at the data to the last file
 * @param memory the most that was needed
 * @param out the folder
 */
public record ReadingResult(
    String counted,
    TrainResult training,
    int parameters,
    ReadingScore valid,
    ReadingScore test,
    Map<String, Object> embeddings,
    double seconds,
    MemoryPeaks memory,
    String out) {

  /** The figures of a run by name: those of the validation data, and of the test data. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = scores();
    EpochMetrics last = training.epochs().get(training.epochs().size() - 1);
    figures.put(Measure.rateName(counted), training.tokensPerSecond());
    figures.put("rounds", training.rounds());
    figures.put("epochs", training.epochs().size());
    figures.put("best_epoch", training.bestEpoch());
    figures.put("ended_by", training.ending().name().toLowerCase(Locale.ROOT));
    figures.put("parameters", parameters);
    if (embeddings != null) {
      figures.put(EmbeddingStart.NAME, embeddings);
    }
    figures.put("seconds", seconds);
    figures.putAll(memory.figures());
    figures.putAll(RoundFigures.of(last.times()));
    figures.put("model", out);
    return figures;
  }

  /** How good it is. */
  Map<String, Object> scores() {
    Map<String, Object> figures = new LinkedHashMap<>();
    EpochMetrics best = training.epochs().get(training.bestEpoch() - 1);
    figures.put("train_loss", best.train().mean());
    if (valid != null) {
      figures.putAll(valid.figures());
      figures.put("valid_rows", valid.rows());
      figures.put("valid_skipped", valid.skipped());
    }
    if (test != null) {
      test.figures().forEach((name, value) -> figures.put("test_" + name, value));
      figures.put("test_rows", test.rows());
      figures.put("test_skipped", test.skipped());
    }
    return figures;
  }
}
