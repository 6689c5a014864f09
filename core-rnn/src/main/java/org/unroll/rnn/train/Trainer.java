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
    ShardWorker.requireLearnable(model, spec);
    this.model = model;
    this.spec = spec;
  }

  /**
   * Trains to the last epoch, until {@code patience} epochs have brought nothing better, or for
   * {@code maxSteps} rounds, whatever comes first.
   *
   * @param rounds where the shards are; not closed
   * @param initial the parameters to start from, which are copied; null to draw them
   * @throws IllegalArgumentException if there is nothing to train on, or {@code initial} has not
   *     the model's size
   * @throws TrainingDivergedException if a loss or a gradient is infinite or NaN, or a loss
   *     explodes
   */
  public TrainResult fit(Rounds rounds, float[] initial, TrainListener listener) {
    requireData(rounds);
    float[] params =
        initial == null ? Initializer.draw(model, spec.init(), spec.seed()) : initial.clone();
    if (params.length != model.layout().size()) {
      throw new IllegalArgumentException(
          "the model has " + model.layout().size() + " parameters but was given " + params.length);
    }
    return new TrainRun(model.layout(), spec, rounds, params, listener).finish();
  }

  /**
   * Goes on with a training of this model, specification and data, to the bits that {@link #fit}
   * would have come to.
   *
   * @param rounds where the shards are now, before their first round; not closed
   * @param from what {@link TrainListener#pause} gave; its vectors are taken over
   * @throws IllegalArgumentException if the state is none of such a training
   * @throws TrainingDivergedException as {@link #fit}
   */
  public TrainResult resume(Rounds rounds, TrainState from, TrainListener listener) {
    requireData(rounds);
    return TrainRun.resumed(model.layout(), spec, rounds, from, listener).finish();
  }

  private static void requireData(Rounds rounds) {
    if (rounds.windows() < 1) {
      throw new IllegalArgumentException(
          "the training data has no token with a successor: nothing to train on");
    }
  }
}
