// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.model.Loss;

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
    RoundTimes times) {

  /**
   * The loss that decides which epoch is best: the validation loss, without one the training loss.
   */
  public Loss watched() {
    return valid == null ? train : valid;
  }
}
