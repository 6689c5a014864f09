// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import org.unroll.rnn.network.Loss;

/**
 * The result of a training.
 *
 * @param params of the best epoch
 * @param epochs all epochs, first to last; the last one may be a part of one, see {@link
 *     TrainSpec#maxSteps}
 * @param bestEpoch the first epoch with the lowest {@link EpochMetrics#watched} loss, from 1
 * @param test the test loss of {@code params}, or null if there is no test data
 * @param rounds of the whole run
 * @param tokensPerSecond of all training rounds but the first two, without evaluation
 * @param ending why it ended
 */
public record TrainResult(
    float[] params,
    List<EpochMetrics> epochs,
    int bestEpoch,
    Loss test,
    long rounds,
    double tokensPerSecond,
    Ending ending) {

  /** The reasons for a training to end. */
  public enum Ending {
    /** All epochs are done. */
    EPOCHS,
    /** Too many epochs brought nothing better. */
    PATIENCE,
    /** All rounds that were allowed are done. */
    MAX_STEPS
  }
}
