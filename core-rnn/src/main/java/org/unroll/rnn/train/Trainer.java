// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.function.ToDoubleFunction;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Network;

/**
 * Synchronous training: every round all shards compute the gradient of one window at the same
 * parameters, and one update follows. The result is defined by the data, the model and the
 * specification; where the rounds run does not change a bit of it.
 *
 * @param score what the sums of the metric over the validation data say, more being better: the
 *     best epoch is the one with the highest; NaN where the loss is to decide
 */
public record Trainer(Network network, TrainSpec spec, ToDoubleFunction<double[]> score) {

  /**
   * Makes a trainer of a network.
   *
   * @throws IllegalArgumentException if the state mode does not go with the network
   */
  public Trainer {
    NetworkLearner.requireLearnable(network, spec);
  }

  /** Makes a trainer whose best epoch is the one with the lowest loss. */
  public Trainer(Network network, TrainSpec spec) {
    this(network, spec, sums -> Double.NaN);
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
    boolean draw = initial == null;
    float[] params = draw ? Initializer.draw(network, spec.init(), spec.seed()) : initial.clone();
    int size = network.layout().size();
    if (params.length != size) {
      throw new IllegalArgumentException(
          "the model has " + size + " parameters but was given " + params.length);
    }
    return new TrainRun(this, rounds, params, params.clone(), listener).finish();
  }

  /**
   * Goes on with a training of this model, specification and data, to the bits that {@link #fit}
   * would have come to.
   *
   * @param rounds where the shards are now, before their first round; not closed
   * @param from what {@link TrainListener#pause} gave; its vectors are taken over
   * @throws IllegalArgumentException if the state is none of such a training
   * @throws TrainingDivergedException if a loss or a gradient is infinite or NaN, or a loss
   *     explodes
   */
  public TrainResult resume(Rounds rounds, TrainState from, TrainListener listener) {
    requireData(rounds);
    return TrainRun.resumed(this, rounds, from, listener).finish();
  }

  private void requireData(Rounds rounds) {
    if (rounds.windows() < 1) {
      boolean words = network.spec().head() instanceof HeadSpec.Vocabulary;
      String item = words ? "token with a successor" : "sequence";
      throw new IllegalArgumentException(
          "the training data has no " + item + ": nothing to train on");
    }
  }
}
