// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.List;
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
 */
final class TrainingNarrator implements TrainListener {
  private final Progress progress;
  private final BestKeeper keeper;
  private final Checkpoints checkpoints;
  private final TrainingMetrics metrics;
  private final EpochView view;
  private final List<EpochMetrics> epochs = new ArrayList<>();

  TrainingNarrator(
      Progress progress,
      BestKeeper.Files files,
      Checkpoints checkpoints,
      TrainingMetrics metrics,
      EpochView view) {
    this.progress = progress;
    this.keeper = new BestKeeper(files, System::nanoTime);
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.view = view;
  }

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
    view.show(epoch.epoch(), params);
  }

  @Override
  public void pause(long step, Supplier<TrainState> state) {
    checkpoints.offer(step, state);
  }
}
