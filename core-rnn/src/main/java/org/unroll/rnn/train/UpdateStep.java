// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * The update that follows the sum of all shards in every round: the mean gradient with penalties
 * and clipping, and the optimiser. It keeps the optimiser's moments and allocates nothing in a
 * step. Its threads work on slices that stand still, so that their number changes no bit.
 */
public final class UpdateStep {
  private final MeanGradient mean;
  private final Optimizer optimizer;
  private final Team team;

  // The places where runs of parameters that are learned begin and end.
  private final int[] starts;
  private final int[] ends;

  /** The place where the first block begins that has parameters to be learned. */
  private final int firstBlock;

  private final Team.Task step = this::step;

  // The step at work.
  private float[] params;
  private WeightedSum sum;
  private float factor;

  /**
   * Makes the update of a specification, with empty moments.
   *
   * @param team the threads that do the work together
   */
  public UpdateStep(TrainSpec spec, ParamLayout layout, Team team) {
    mean = new MeanGradient(spec, layout, team);
    optimizer = Optimizer.create(spec.optimizer(), layout.size());
    this.team = team;
    List<Param> fixed = layout.params().stream().filter(p -> !p.trainable()).toList();
    starts = IntStream.concat(IntStream.of(0), fixed.stream().mapToInt(Param::end)).toArray();
    ends =
        IntStream.concat(fixed.stream().mapToInt(Param::offset), IntStream.of(layout.size()))
            .toArray();
    firstBlock = firstBlock(layout);
  }

  /** Returns where the first block begins that has parameters to be learned. */
  static int firstBlock(ParamLayout layout) {
    int first =
        layout.params().stream()
            .filter(Param::trainable)
            .mapToInt(Param::offset)
            .findFirst()
            .orElse(layout.size());
    return first / Gradient.BLOCK * Gradient.BLOCK;
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
    optimizer.begin(sum.parts(), firstBlock, lr);
    team.run(step);
  }

  private void step(int part, int parts) {
    for (int s = part; s < Slices.count(params.length); s += parts) {
      for (int run = 0; run < starts.length; run++) {
        int from = Math.max(starts[run], Slices.start(s));
        int to = Math.min(ends[run], Slices.end(s, params.length));
        optimizer.step(params, sum.parts(), factor, from, to);
      }
    }
  }

  /** Returns the optimiser's moments by name, to be copied or written over. */
  public Map<String, float[]> moments() {
    return optimizer.moments();
  }

  /** Goes on as if {@code steps} updates had been made, once the moments were written over. */
  public void resumeAfter(long steps) {
    optimizer.resumeAfter(steps);
  }
}
