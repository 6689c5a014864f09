// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Follows a training, in its thread. */
public interface TrainListener {
  /** A listener that does nothing. */
  TrainListener NONE = new TrainListener() {};

  /**
   * Before the first round.
   *
   * @param windows rounds of an epoch
   * @param params the parameters it starts from; to be read only
   */
  default void started(int windows, float[] params) {}

  /** After every round. */
  default void round(RoundMetrics metrics) {}

  /**
   * After every epoch.
   *
   * @param best whether it is the best so far
   * @param params the parameters after it; to be read during the call only
   */
  default void epoch(EpochMetrics metrics, boolean best, float[] params) {}
}
