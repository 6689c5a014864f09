// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.nn.ParamLayout;

/**
 * What follows the sum of all shards in every round: the mean gradient with penalties and clipping,
 * and the optimiser. Keeps the optimiser's moments; allocates nothing in a step.
 */
public final class UpdateStep {
  private final MeanGradient mean;
  private final Optimizer optimizer;

  /** The update rule of a specification, with empty moments. */
  public UpdateStep(TrainSpec spec, ParamLayout layout) {
    mean = new MeanGradient(spec, layout);
    optimizer = Optimizer.create(spec.optimizer(), layout.size());
  }

  /**
   * Turns the sum's gradient, in place, into the one to descend along: divided by the weight, with
   * the penalties, clipped by value.
   *
   * @param params where the penalties are taken
   * @return its Euclidean norm, which {@link #apply} wants
   */
  public double takeMean(WeightedSum sum, float[] params) {
    return mean.take(sum.parts(), sum.loss().weight(), params);
  }

  /**
   * Changes the parameters.
   *
   * @param sum after {@link #takeMean}
   * @param norm of its gradient, by which it is clipped
   * @param lr the learning rate of this step
   */
  public void apply(float[] params, WeightedSum sum, double norm, double lr) {
    optimizer.step(params, sum.parts(), mean.factor(norm), lr);
  }
}
