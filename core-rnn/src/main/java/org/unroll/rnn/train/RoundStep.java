// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import java.util.function.Function;

/**
 * The driver's part of a round: what becomes of its vector once the sum over all shards is there.
 */
sealed interface RoundStep permits UpdateStep, AverageStep {
  /**
   * Begins an epoch, in which other parts of the network may be learned than in the one before. A
   * training that goes on tells of all epochs that it has begun.
   *
   * @param epoch from 0
   * @param steps that were made before it
   */
  void startEpoch(int epoch, long steps);

  /**
   * Takes the sum of a round, whose arrays may be changed.
   *
   * @param vector what the shards used; not changed
   * @return the Euclidean norm of the mean
   */
  double takeMean(WeightedSum sum, float[] vector);

  /**
   * Changes the vector by the sum of the last {@link #takeMean}.
   *
   * @param norm that it returned
   * @param lr the learning rate of the round
   */
  void apply(float[] vector, double norm, double lr);

  /** Returns the moments of the optimiser by name, to be read before the next step. */
  Map<String, float[]> moments(float[] vector);

  /**
   * Takes up what {@link #moments} gave.
   *
   * @param moments by name
   * @param steps that were made before
   * @param vector that goes with them
   */
  void restore(Function<String, float[]> moments, long steps, float[] vector);
}
