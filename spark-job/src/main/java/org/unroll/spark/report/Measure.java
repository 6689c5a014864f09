// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.util.function.Function;
import org.unroll.rnn.train.EpochMetrics;

/**
 * The measure of a training, for people.
 *
 * @param lossUnit of the loss
 * @param counted of what the loss is a mean, many of them, such as tokens
 * @param name of the number that is told beside the loss; null for none
 * @param value that number of an epoch
 * @param text such a number for people
 */
public record Measure(
    String lossUnit,
    String counted,
    String name,
    Function<EpochMetrics, Double> value,
    Function<Double, String> text) {
  private static final String SCALED = " of scaled numbers";

  /** The measure of language models: nats and perplexity. */
  public static final Measure LANGUAGE_MODEL =
      new Measure(
          "nats per token",
          "tokens",
          "perplexity",
          epoch -> Math.exp(epoch.watched().mean()),
          Figures::perplexity);

  /** Returns the name that the rate of what is counted has in files. */
  public static String rateName(String counted) {
    return counted + "_per_second";
  }

  /** Returns whether there is a number to tell of an epoch. */
  boolean tells(EpochMetrics epoch) {
    return name != null && !Double.isNaN(value.apply(epoch));
  }

  /** Returns the name for people, and what the number is measured on if that is scaled. */
  public String words() {
    return name == null ? "" : Figures.name(name) + (lossUnit.endsWith(SCALED) ? SCALED : "");
  }

  /** Returns whether the number is least where the loss is. */
  public boolean followsLoss() {
    return name == null || name.equals("perplexity") || name.equals("rmse");
  }

  String text(EpochMetrics epoch) {
    return tells(epoch) ? text.apply(value.apply(epoch)) : "–";
  }
}
