// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Map;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.model.SequenceModel;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.ParamLayout;

/**
 * What follows the sum of all shards in every round: the mean gradient with penalties and clipping,
 * and the optimiser. Keeps the optimiser's moments; allocates nothing in a step. Its threads work
 * on slices that stand still, so that their number changes no bit.
 */
public final class UpdateStep {
  private final MeanGradient mean;
  private final Optimizer optimizer;
  private final Team team;

  /** The end of the parameters at the beginning that stay as they are. */
  private final int frozen;

  /** Of these, those that share a block with the first ones to be learned. */
  private final float[] shared;

  private final Team.Task step = this::step;

  /** The step at work. */
  private float[] params;

  private WeightedSum sum;
  private float factor;

  /**
   * The update rule of a specification, with empty moments.
   *
   * @param team the threads that do the work together
   */
  public UpdateStep(TrainSpec spec, ParamLayout layout, Team team) {
    mean = new MeanGradient(spec, layout, team);
    optimizer = Optimizer.create(spec.optimizer(), layout.size());
    this.team = team;
    frozen = frozen(spec, layout);
    shared = new float[frozen - firstBlock(frozen)];
  }

  /** The end of the parameters that are not learned; they are the first of a model. */
  static int frozen(TrainSpec spec, ParamLayout layout) {
    return spec.init().frozenEmbedding() ? layout.get(SequenceModel.EMBEDDING).end() : 0;
  }

  /** Where the first block begins that has parameters behind the frozen ones. */
  static int firstBlock(int frozen) {
    return frozen / Gradient.BLOCK * Gradient.BLOCK;
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
    this.params = params;
    this.sum = sum;
    factor = mean.factor(norm);
    int first = firstBlock(frozen);
    System.arraycopy(params, first, shared, 0, shared.length);
    optimizer.begin(sum.parts(), first, lr);
    team.run(step);
    // Decay changes whole blocks.
    System.arraycopy(shared, 0, params, first, shared.length);
  }

  private void step(int part, int parts) {
    for (int s = part; s < Slices.count(params.length); s += parts) {
      int from = Math.max(firstBlock(frozen), Slices.start(s));
      int to = Slices.end(s, params.length);
      if (from < to) {
        optimizer.step(params, sum.parts(), factor, from, to);
      }
    }
  }

  /** The optimiser's moments by name, to be copied or written over; the arrays themselves. */
  public Map<String, float[]> moments() {
    return optimizer.moments();
  }

  /** Goes on as if {@code steps} updates had been made, once the moments were written over. */
  public void resumeAfter(long steps) {
    optimizer.resumeAfter(steps);
  }
}
