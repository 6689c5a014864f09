// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import java.util.function.LongSupplier;
import org.unroll.rnn.train.EpochMetrics;

/**
 * Writes the best parameters so far to the model folder, so that a run that is cut short leaves
 * them. Where epochs are so short that writing would take longer than training, they wait a little.
 */
final class BestKeeper {
  /** Writing takes at most about a tenth of the time. */
  private static final int PAUSE = 10;

  private final Files files;
  private final LongSupplier nanoTime;
  private List<EpochMetrics> waitingEpochs;
  private float[] waitingParams;
  private long due;

  /** Where models are written. */
  @FunctionalInterface
  interface Files {
    /** Keeps the parameters of the last of these epochs. */
    void keep(List<EpochMetrics> epochs, float[] params);
  }

  BestKeeper(Files files, LongSupplier nanoTime) {
    this.files = files;
    this.nanoTime = nanoTime;
    this.due = nanoTime.getAsLong();
  }

  /**
   * After every epoch.
   *
   * @param epochs up to this one
   * @param best whether this one is the best of them
   * @param params after it; copied where they have to wait
   */
  void epoch(List<EpochMetrics> epochs, boolean best, float[] params) {
    boolean isDue = nanoTime.getAsLong() - due >= 0;
    if (best && isDue) {
      write(List.copyOf(epochs), params);
    } else if (best) {
      waitingEpochs = List.copyOf(epochs);
      waitingParams = params.clone();
    } else if (isDue && waitingParams != null) {
      write(waitingEpochs, waitingParams);
    }
  }

  private void write(List<EpochMetrics> epochs, float[] params) {
    long start = nanoTime.getAsLong();
    files.keep(epochs, params);
    long end = nanoTime.getAsLong();
    due = end + PAUSE * (end - start);
    waitingEpochs = null;
    waitingParams = null;
  }
}
