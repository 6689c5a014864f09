// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;

/**
 * The update that follows local steps ({@link LocalLearner}): parameters and moments become the
 * average of those of all shards. Only what some shard changed is touched. Threads work on slices
 * that stand still, so that their number changes no bit.
 */
final class AverageStep implements RoundStep {
  /** The floats of the parameters, and of each moment. */
  private final int parameters;

  private final List<String> moments;
  private final Team team;
  private final Team.Task average = this::average;

  // The step at work.
  private Gradient sum;
  private float[] vector;
  private float share;

  /**
   * Makes the update of vectors of parameters and moments.
   *
   * @param moments the names of those behind the parameters
   */
  AverageStep(int parameters, List<String> moments, Team team) {
    this.parameters = parameters;
    this.moments = List.copyOf(moments);
    this.team = team;
  }

  /** Does nothing: what is learned is decided where the steps are made. */
  @Override
  public void startEpoch(int epoch, long steps) {}

  @Override
  public Map<String, float[]> moments(float[] vector) {
    Map<String, float[]> byName = new LinkedHashMap<>();
    for (String name : moments) {
      float[] moment = new float[parameters];
      System.arraycopy(vector, (1 + byName.size()) * parameters, moment, 0, parameters);
      byName.put(name, moment);
    }
    return byName;
  }

  @Override
  public void restore(Function<String, float[]> moments, long steps, float[] vector) {
    for (int m = 0; m < this.moments.size(); m++) {
      float[] moment = moments.apply(this.moments.get(m));
      System.arraycopy(moment, 0, vector, (1 + m) * parameters, parameters);
    }
  }

  /**
   * Takes the sum over all shards.
   *
   * @return the Euclidean norm of the change of the parameters that {@link #apply} makes
   */
  @Override
  public double takeMean(WeightedSum sum, float[] vector) {
    this.sum = sum.parts();
    this.vector = vector;
    share = (float) (1 / sum.loss().weight());
    double all = 0;
    for (int s = 0; s < Slices.count(parameters); s++) {
      all += sumOfSquares(s);
    }
    return share * Math.sqrt(all);
  }

  private double sumOfSquares(int slice) {
    double of = 0;
    int end = Math.min(parameters, Slices.end(slice, sum.size()));
    for (int from = sum.nextWritten(Slices.start(slice)); from < end; ) {
      int to = Math.min(end, sum.endOfWritten(from));
      for (int b = from; b < to; b += Gradient.BLOCK) {
        of += Ops.sumOfSquares(sum.values(), b, Math.min(Gradient.BLOCK, to - b));
      }
      from = sum.nextWritten(to);
    }
    return of;
  }

  /** Averages; the rate and the limits of norms were those of the shards' own steps. */
  @Override
  public void apply(float[] vector, double norm, double lr) {
    team.run(average);
  }

  private void average(int part, int parts) {
    float[] sums = sum.values();
    for (int s = part; s < Slices.count(vector.length); s += parts) {
      int end = Slices.end(s, sum.size());
      for (int from = sum.nextWritten(Slices.start(s)); from < end; ) {
        int to = Math.min(end, sum.endOfWritten(from));
        for (int i = from; i < to; i++) {
          vector[i] -= sums[i] * share;
        }
        from = sum.nextWritten(to);
      }
      keepSquares(Slices.start(s), end);
    }
  }

  /** An average of squares is none below 0, as it could be by rounding. */
  private void keepSquares(int from, int to) {
    for (int m = 0; m < moments.size(); m++) {
      if (Optimizer.OF_SQUARES.contains(moments.get(m))) {
        int first = Math.max(from, (1 + m) * parameters);
        int end = Math.min(to, (2 + m) * parameters);
        for (int i = first; i < end; i++) {
          vector[i] = Math.max(0, vector[i]);
        }
      }
    }
  }
}
