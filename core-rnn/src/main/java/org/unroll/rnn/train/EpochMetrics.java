// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.network.Loss;

/**
 * One epoch, as it was.
 *
 * @param epoch from 1
 * @param step rounds of the whole run up to its end
 * @param train the loss over all its windows, each before its update, with dropout and without
 *     penalties
 * @param valid the validation loss after it, or null if there is no such data
 * @param lr the learning rate of its last update
 * @param gradientNorm mean over its rounds, before clipping by norm
 * @param seconds in its training rounds
 * @param tokensPerSecond scored tokens in its training rounds
 * @param times of its training rounds, the mean; the shard is the one that was slowest in most of
 *     them, if there is one
 * @param score what the task's metric says of the validation data, more being better; NaN if there
 *     are none or the loss alone counts
 */
public record EpochMetrics(
    int epoch,
    long step,
    Loss train,
    Loss valid,
    double lr,
    double gradientNorm,
    double seconds,
    double tokensPerSecond,
    RoundTimes times,
    double score) {

  /**
   * Returns the loss that decides which epoch is best, unless they have scores: the validation
   * loss, without one the training loss.
   */
  public Loss watched() {
    return valid == null ? train : valid;
  }

  /** Returns what decides whether an epoch is better, less being so: the score if there is one. */
  double regret() {
    return Double.isNaN(score) ? watched().mean() : -score;
  }

  /** Returns whether its parameters replace another's; the loss decides between equal scores. */
  public boolean isBetterThan(EpochMetrics other) {
    return regret() < other.regret()
        || regret() == other.regret() && watched().mean() < other.watched().mean();
  }
}
