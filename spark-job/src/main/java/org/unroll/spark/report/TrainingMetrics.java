// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.RoundTimes;
import org.unroll.rnn.train.TrainListener;

/**
 * Shows the latest round in the driver's {@link SparkMetrics}, from the first round on, so that
 * there is always one.
 */
public final class TrainingMetrics implements TrainListener, AutoCloseable {
  private final SparkMetrics metrics = new SparkMetrics();
  private volatile RoundMetrics latest;

  /** Makes the metrics of one training, before its first round. */
  public TrainingMetrics() {
    metrics
        .with("epoch", () -> latest.epoch())
        .with("rounds", () -> latest.step())
        .with("loss", () -> latest.loss().mean())
        .with("tokens_per_second", () -> latest.loss().weight() / latest.seconds());
    RoundFigures.of(RoundTimes.NONE)
        .keySet()
        .forEach(name -> metrics.with(name, () -> RoundFigures.of(latest.times()).get(name)));
  }

  @Override
  public void round(RoundMetrics round) {
    latest = round;
    metrics.show();
  }

  @Override
  public void close() {
    metrics.close();
  }
}
