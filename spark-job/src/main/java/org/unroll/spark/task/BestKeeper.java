// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.Window;

/**
 * Writes the best parameters so far to the model folder, so that a run that is cut short leaves
 * them, and after every other epoch the page. Where epochs are so short that writing would take
 * longer than training, both wait a little.
 */
final class BestKeeper implements TrainListener {
  /** The files of a training that goes on. */
  interface Files {
    /**
     * Keeps parameters.
     *
     * @param epochs that are over
     * @param kept the one whose parameters these are, from 1
     */
    void keep(List<EpochMetrics> epochs, int kept, float[] params);

    /**
     * Writes the page, beside the parameters that are there.
     *
     * @param epochs that are over
     * @param best one of them, from 1
     * @param params of the last
     */
    void show(List<EpochMetrics> epochs, int best, float[] params);
  }

  /** Writing takes at most about a tenth of the time. */
  private static final int PAUSE = 10;

  /** The least time between two pages that show no better parameters: nobody looks so often. */
  private static final long SHOWN = 2_000_000_000;

  private final Files files;
  private final LongSupplier nanoTime;
  private final List<EpochMetrics> epochs = new ArrayList<>();
  private int best;
  private int waitingEpochs;
  private float[] waitingParams;
  private long due;
  private long dueToShow;

  /** Makes a keeper that has nothing to write yet. */
  BestKeeper(Files files, LongSupplier nanoTime) {
    this.files = files;
    this.nanoTime = nanoTime;
    this.due = nanoTime.getAsLong();
    this.dueToShow = due;
  }

  @Override
  public void resumed(Window next, List<EpochMetrics> past) {
    for (EpochMetrics epoch : past) {
      epochs.add(epoch);
      if (best == 0 || epoch.isBetterThan(epochs.get(best - 1))) {
        best = epochs.size();
      }
    }
  }

  @Override
  public void epoch(EpochMetrics epoch, boolean better, float[] params) {
    epochs.add(epoch);
    best = better ? epochs.size() : best;
    boolean isDue = nanoTime.getAsLong() - due >= 0;
    if (better && isDue) {
      write(epochs.size(), params);
    } else if (better) {
      waitingEpochs = epochs.size();
      waitingParams = params.clone();
    } else if (isDue && waitingParams != null) {
      write(waitingEpochs, waitingParams);
    } else if (isDue && nanoTime.getAsLong() - dueToShow >= 0) {
      timed(() -> files.show(List.copyOf(epochs), best, params));
    }
  }

  private void write(int kept, float[] params) {
    timed(() -> files.keep(List.copyOf(epochs), kept, params));
    waitingParams = null;
  }

  private void timed(Runnable writing) {
    long start = nanoTime.getAsLong();
    writing.run();
    long end = nanoTime.getAsLong();
    due = end + PAUSE * (end - start);
    dueToShow = Math.max(due, end + SHOWN);
  }
}
