// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.model.SequenceModel;

/**
 * Synchronous training: every round all shards compute the gradient of one window at the same
 * parameters, and one update follows. The result is defined by the data, the model and the
 * specification; where the rounds run does not change a bit of it.
 */
public final class Trainer {
  private final SequenceModel model;
  private final TrainSpec spec;

  /**
   * A trainer of one model.
   *
   * @throws IllegalArgumentException if the state mode does not go with the model
   */
  public Trainer(SequenceModel model, TrainSpec spec) {
    ShardWorker.requireLearnable(model, spec.state());
    this.model = model;
    this.spec = spec;
  }

  /**
   * Trains to the last epoch, or until {@code patience} epochs have brought nothing better.
   *
   * @param rounds where the shards are; not closed
   * @param initial the parameters to start from, which are copied; null to draw them
   * @throws IllegalArgumentException if there is nothing to train on, or {@code initial} has not
   *     the model's size
   * @throws TrainingDivergedException if a loss or a gradient is infinite or NaN
   */
  public TrainResult fit(Rounds rounds, float[] initial, TrainListener listener) {
    if (rounds.windows() < 1) {
      throw new IllegalArgumentException(
          "the training data has no token with a successor: nothing to train on");
    }
    float[] params =
        initial == null ? Initializer.draw(model, spec.init(), spec.seed()) : initial.clone();
    if (params.length != model.layout().size()) {
      throw new IllegalArgumentException(
          "the model has " + model.layout().size() + " parameters but was given " + params.length);
    }
    listener.started(rounds.windows(), params);
    TrainRun run = new TrainRun(model.layout(), spec, rounds, params, listener);
    for (int epoch = 0; epoch < spec.epochs() && run.hasPatience(); epoch++) {
      run.epoch(epoch);
    }
    return run.result();
  }
}
