// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.network.Loss;

/**
 * One round, as it was.
 *
 * @param epoch from 1
 * @param window within the epoch, from 1
 * @param windows of an epoch
 * @param step rounds of the whole run up to and including this one
 * @param loss over all shards, without penalties
 * @param lr the learning rate of its update
 * @param gradientNorm before clipping by norm
 * @param times that it took, update included
 */
public record RoundMetrics(
    int epoch,
    int window,
    int windows,
    long step,
    Loss loss,
    double lr,
    double gradientNorm,
    RoundTimes times) {

  /** Returns how long the round took, update included. */
  public double seconds() {
    return times.seconds();
  }
}
