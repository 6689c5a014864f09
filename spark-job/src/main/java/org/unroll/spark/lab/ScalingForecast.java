// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/**
 * A predicted round.
 *
 * @param executors of one core and one shard each
 * @param tokens of a round
 * @param computeSeconds of the largest shard
 * @param exchangeSeconds until the sum is there and the parameters are back
 * @param updateSeconds of the driver
 */
public record ScalingForecast(
    int executors,
    double tokens,
    double computeSeconds,
    double exchangeSeconds,
    double updateSeconds) {

  /** Of the whole round. */
  public double seconds() {
    return computeSeconds + exchangeSeconds + updateSeconds;
  }

  public double tokensPerSecond() {
    return tokens / seconds();
  }

  /** How many times as many tokens as another forecast. */
  public double speedUp(ScalingForecast one) {
    return tokensPerSecond() / one.tokensPerSecond();
  }
}
