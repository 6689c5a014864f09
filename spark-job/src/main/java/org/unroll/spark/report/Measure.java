// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.Map;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.EpochMetrics;

/**
 * The measure of a training: the figure that is told of every epoch beside the loss. That of rows
 * decides which epoch is best.
 *
 * @param name of the figure, for rows one of those of their metric
 * @param error whether less is better
 * @param lossUnit of what the loss is a mean
 * @param counted that of which the loss is a mean, many of them, in a word
 */
public record Measure(String name, boolean error, String lossUnit, String counted) {
  private static final String PERPLEXITY = "perplexity";
  private static final String RMSE = "rmse";
  private static final String SCALED = " of scaled numbers";

  /** The measure of language models: nats and perplexity. */
  public static final Measure LANGUAGE_MODEL =
      new Measure(PERPLEXITY, true, "nats per token", "tokens");

  /** Returns the name that the rate of what is counted has in files. */
  public String rateName() {
    return counted + "_per_second";
  }

  /**
   * Returns the figure, or its negative if it is an error, so that more is better; NaN where it is
   * made of the loss and is none of a metric's.
   */
  public double score(Map<String, Double> figures) {
    if (name.equals(PERPLEXITY)) {
      return Double.NaN;
    }
    double value = figures.get(name);
    return error ? -value : value;
  }

  /**
   * Returns what is told of rows or tokens whose errors were added up, so that more is better: the
   * figure, or its negative if it is an error; instead of a perplexity the negative of the loss.
   *
   * @param error of a metric (see {@link org.unroll.rnn.network.Metric#error}), or for a perplexity
   *     the loss
   * @return NaN if nothing was scored
   */
  public double score(Loss error) {
    double mean = error.mean();
    return switch (name) {
      case PERPLEXITY -> -mean;
      case RMSE -> -Math.sqrt(mean);
      default -> this.error ? -mean : 1 - mean;
    };
  }

  /** Returns whether {@link #score(Loss)} is made of the loss, since the figure is. */
  public boolean scoresLoss() {
    return name.equals(PERPLEXITY);
  }

  /** Returns the figure of an epoch; NaN where there is none. */
  public double value(EpochMetrics epoch) {
    return name.equals(PERPLEXITY)
        ? Math.exp(epoch.watched().mean())
        : error ? -epoch.score() : epoch.score();
  }

  /** Returns whether there is a number to tell of an epoch. */
  boolean tells(EpochMetrics epoch) {
    return !Double.isNaN(value(epoch));
  }

  /** Returns the name for people, and what the number is measured on if that is scaled. */
  public String words() {
    return Figures.name(name) + (lossUnit.endsWith(SCALED) ? SCALED : "");
  }

  /** Returns whether the number is least where the loss is. */
  public boolean followsLoss() {
    return name.equals(PERPLEXITY) || name.equals(RMSE);
  }

  String text(EpochMetrics epoch) {
    double value = value(epoch);
    return Double.isNaN(value)
        ? "–"
        : name.equals(PERPLEXITY) ? Figures.perplexity(value) : Figures.fine(value);
  }
}
