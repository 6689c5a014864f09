// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainResult;

/**
 * Keeps the model folder of a run up to date: after every improvement, and with all there is to
 * tell at the end.
 *
 * @param <R> what is told
 */
public interface TrainedFiles<R> {
  /** Keeps the parameters of the last of these epochs. */
  void keep(List<EpochMetrics> epochs, float[] params);

  /**
   * Leaves the folder as it stays.
   *
   * @param seconds of the whole run
   * @param memory the most that was needed
   */
  R finish(TrainResult training, double seconds, MemoryPeaks memory);
}
