// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.unroll.rnn.train.EpochMetrics;
import org.unroll.rnn.train.RoundMetrics;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.Window;
import org.unroll.spark.report.Progress;
import org.unroll.spark.report.TrainingMetrics;

/**
 * Follows a training: shows its progress and what it writes by now, to people and to Spark's
 * metrics, keeps what is best so far, and the state to go on from.
 *
 * @param view takes the parameters after an epoch
 * @param epochs that are over, none at first
 */
record TrainingNarrator(
    Progress progress,
    BestKeeper keeper,
    Checkpoints checkpoints,
    TrainingMetrics metrics,
    BiConsumer<Integer, float[]> view,
    List<EpochMetrics> epochs)
    implements TrainListener {

  @Override
  public void started(int windows, float[] params) {
    progress.started(windows, params);
  }

  @Override
  public void resumed(Window next, List<EpochMetrics> past) {
    epochs.addAll(past);
    progress.resumed(next, past);
  }

  @Override
  public void round(RoundMetrics round) {
    progress.round(round);
    metrics.round(round);
  }

  @Override
  public void epoch(EpochMetrics epoch, boolean best, float[] params) {
    epochs.add(epoch);
    progress.epoch(epoch, best, params);
    keeper.epoch(epochs, best, params);
    view.accept(epoch.epoch(), params);
  }

  @Override
  public void pause(long step, Supplier<TrainState> state) {
    checkpoints.offer(step, state);
  }

  /**
   * Writes the best parameters so far to the model folder, so that a run that is cut short leaves
   * them. Where epochs are so short that writing would take longer than training, they wait a
   * little.
   */
  static final class BestKeeper {
    /** Writing takes at most about a tenth of the time. */
    private static final int PAUSE = 10;

    private final BiConsumer<List<EpochMetrics>, float[]> files;
    private final LongSupplier nanoTime;
    private List<EpochMetrics> waitingEpochs;
    private float[] waitingParams;
    private long due;

    /**
     * Makes a keeper that has nothing to write yet.
     *
     * @param files keeps the parameters of the last of some epochs
     */
    BestKeeper(BiConsumer<List<EpochMetrics>, float[]> files, LongSupplier nanoTime) {
      this.files = files;
      this.nanoTime = nanoTime;
      this.due = nanoTime.getAsLong();
    }

    /**
     * Takes an epoch that is over.
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
      files.accept(epochs, params);
      long end = nanoTime.getAsLong();
      due = end + PAUSE * (end - start);
      waitingEpochs = null;
      waitingParams = null;
    }
  }
}
