// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.function.Supplier;

/** A listener follows a training, in its thread. */
public interface TrainListener {
  /**
   * Is called before the first round.
   *
   * @param windows rounds of an epoch
   * @param params the parameters it starts from; to be read only
   */
  default void started(int windows, float[] params) {}

  /**
   * Is called behind {@link #started}, if the training goes on from a state.
   *
   * @param next the first round
   * @param epochs that were over then
   */
  default void resumed(Window next, List<EpochMetrics> epochs) {}

  /** Is called after every round. */
  default void round(RoundMetrics metrics) {}

  /**
   * Is called after every epoch.
   *
   * @param best whether it is the best so far
   * @param params the parameters after it; to be read during the call only
   */
  default void epoch(EpochMetrics metrics, boolean best, float[] params) {}

  /**
   * Is called after every round, and after {@link #epoch} if it was an epoch's last.
   *
   * @param step rounds of the whole run so far
   * @param state gives all that it takes to go on from here; made of the training's own arrays, so
   *     to be read during the call only
   */
  default void pause(long step, Supplier<TrainState> state) {}
}
