// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * The update that follows the sum of all shards in every round: the mean gradient with penalties
 * and clipping, and the optimiser.
 *
 * <pre>
 *   g  = sum / weight + l1 sign(w) + l2 w                        the penalties' gradient, sign(0) = 0
 *   g  = max(-c, min(c, g))                                      limit c of each element
 *   g *= min(1, n / (|g| + 1e-6))                                limit n of the norm
 * </pre>
 *
 * <p>The norm is limited as by Pascanu et al. 2013, "On the difficulty of training recurrent neural
 * networks", with PyTorch's factor, over what is learned in the epoch ({@link LayerRates}). That
 * factor is left to the optimiser. Without penalties and limits of elements the sum is read once
 * and not written: the division is left to the optimiser as well. Otherwise the vector goes through
 * the caches once: all of it is done to one block before the next.
 *
 * <p>It keeps the optimiser's moments and allocates nothing in a step. Its threads work on slices
 * that stand still, so that their number changes no bit.
 */
public final class UpdateStep implements RoundStep {
  private final float l1;
  private final float l2;

  /** The penalised weights. */
  private final Runs penalised;

  // The limits of the norm and of an element, each 0 for none.
  private final double maxNorm;
  private final float maxValue;

  /** The parameters that may be learned, a run being of one part of the network. */
  private final Runs learned;

  /** The part that each of those runs belongs to. */
  private final int[] partOfRun;

  private final List<LayerRates.Part> parts;

  /** The steps that had been made when a part began to learn. */
  private final long[] since;

  /** Whether a part stays as it is in the epoch at work. */
  private final boolean[] frozen;

  /** What the step at work takes from the rate of each part. */
  private final Optimizer.Rate[] rates;

  /** The place where the first block begins that has parameters to be learned. */
  private final int firstBlock;

  private final Optimizer optimizer;
  private final Team team;
  private final Team.Task finish = this::finish;
  private final Team.Task step = this::step;

  /** The sum of the squares of every slice. */
  private final double[] squares;

  // The step at work.
  private Gradient gradient;
  private float[] params;
  private float share;
  private boolean changes;
  private float factor;

  /** The places where runs of parameters begin and end in the flat vector. */
  private record Runs(int[] starts, int[] ends) {}

  /**
   * Makes the update of a specification, with empty moments.
   *
   * @param team the threads that do the work together
   */
  public UpdateStep(TrainSpec spec, ParamLayout layout, Team team) {
    l1 = (float) spec.penalty().l1();
    l2 = (float) spec.penalty().l2();
    List<Param> weights =
        layout.params().stream()
            .filter(p -> p.trainable() && spec.penalty().appliesTo(p.role()))
            .toList();
    penalised =
        new Runs(
            weights.stream().mapToInt(Param::offset).toArray(),
            weights.stream().mapToInt(Param::end).toArray());
    maxNorm = spec.clipNorm();
    maxValue = (float) spec.clipValue();
    parts = spec.layers().parts(layout);
    since = new long[parts.size()];
    frozen = new boolean[parts.size()];
    rates = new Optimizer.Rate[parts.size()];
    List<int[]> runs = runs(layout);
    learned =
        new Runs(
            runs.stream().mapToInt(run -> run[0]).toArray(),
            runs.stream().mapToInt(run -> run[1]).toArray());
    partOfRun = runs.stream().mapToInt(run -> run[2]).toArray();
    firstBlock = firstLearned(layout) / Gradient.BLOCK * Gradient.BLOCK;
    optimizer = Optimizer.create(spec.optimizer(), layout.size());
    squares = new double[Slices.count(layout.size())];
    this.team = team;
    startEpoch(0, 0);
  }

  /** Returns start, end and part of every run of trainable parameters. */
  private static List<int[]> runs(ParamLayout layout) {
    int[] part = LayerRates.partOfParams(layout);
    List<Param> params = layout.params();
    List<int[]> runs = new ArrayList<>();
    int[] last = {0, 0, -1};
    for (int i = 0; i < part.length; i++) {
      Param param = params.get(i);
      if (!param.trainable()) {
        continue;
      }
      if (last[1] != param.offset() || last[2] != part[i]) {
        last = new int[] {param.offset(), param.offset(), part[i]};
        runs.add(last);
      }
      last[1] = param.end();
    }
    return runs;
  }

  @Override
  public void startEpoch(int epoch, long steps) {
    for (int p = 0; p < parts.size(); p++) {
      LayerRates.Part part = parts.get(p);
      frozen[p] = part.isFrozen(epoch);
      since[p] = part.epoch() == epoch ? steps : since[p];
    }
  }

  private static int firstLearned(ParamLayout layout) {
    IntStream starts = layout.params().stream().filter(Param::trainable).mapToInt(Param::offset);
    return starts.findFirst().orElse(layout.size());
  }

  /**
   * Turns the sum's gradient, in place, into the one to descend along: divided by the weight, with
   * the penalties, clipped by value.
   *
   * @param params where the penalties are taken
   * @return its Euclidean norm, which {@link #apply} wants
   */
  @Override
  public double takeMean(WeightedSum sum, float[] params) {
    return takeMean(sum.parts(), sum.loss().weight(), params);
  }

  double takeMean(Gradient gradient, double weight, float[] params) {
    this.gradient = gradient;
    this.params = params;
    share = (float) (1 / weight);
    changes = penalised.starts().length > 0 || maxValue > 0;
    if (changes) {
      gradient.addTo(firstBlock, gradient.size());
    }
    team.run(finish);
    if (changes) {
      share = 1;
    }
    double sum = 0;
    for (double part : squares) {
      sum += part;
    }
    return share * Math.sqrt(sum);
  }

  private void finish(int part, int parts) {
    float[] g = gradient.values();
    for (int s = part; s < squares.length; s += parts) {
      int end = Slices.end(s, g.length);
      int first = changes ? Math.max(firstBlock, Slices.start(s)) : end;
      for (int from = first; from < end; from += Gradient.BLOCK) {
        finish(g, from, Math.min(end, from + Gradient.BLOCK));
      }
      leaveOutFrozen(s);
      squares[s] = sumOfSquares(s);
    }
  }

  /** What is not learned has no part in the norm either. */
  private void leaveOutFrozen(int slice) {
    float[] g = gradient.values();
    for (int run = 0; run < partOfRun.length; run++) {
      int from = Math.max(learned.starts()[run], Slices.start(slice));
      int to = Math.min(learned.ends()[run], Slices.end(slice, g.length));
      if (frozen[partOfRun[run]] && from < to) {
        Arrays.fill(g, from, to, 0);
      }
    }
  }

  private void finish(float[] g, int from, int to) {
    for (int i = from; i < to; i++) {
      g[i] *= share;
    }
    for (int w = 0; w < penalised.starts().length; w++) {
      int end = Math.min(to, penalised.ends()[w]);
      for (int i = Math.max(from, penalised.starts()[w]); i < end; i++) {
        g[i] += l2 * params[i] + signTimesL1(params[i]);
      }
    }
    if (maxValue > 0) {
      for (int i = from; i < to; i++) {
        g[i] = Math.max(-maxValue, Math.min(maxValue, g[i]));
      }
    }
  }

  /** Returns {@code l1 sign(w)} without a branch, which weights of either sign would mispredict. */
  private float signTimesL1(float w) {
    return Math.max(-l1, Math.min(l1, w * Float.MAX_VALUE));
  }

  /** Adds up a slice in blocks that stand still, so that those of zeros may be left out. */
  private double sumOfSquares(int slice) {
    double sum = 0;
    int sliceEnd = Slices.end(slice, gradient.size());
    for (int from = gradient.nextWritten(Slices.start(slice)); from < sliceEnd; ) {
      int end = Math.min(sliceEnd, gradient.endOfWritten(from));
      for (int b = from; b < end; b += Gradient.BLOCK) {
        sum += Ops.sumOfSquares(gradient.values(), b, Math.min(Gradient.BLOCK, end - b));
      }
      from = gradient.nextWritten(end);
    }
    return sum;
  }

  /**
   * Changes the parameters along the gradient of the last {@link #takeMean}.
   *
   * @param norm of that gradient, by which it is clipped
   * @param lr the learning rate of this step, from which parts may have others
   */
  @Override
  public void apply(float[] params, double norm, double lr) {
    this.params = params;
    factor = factor(norm);
    optimizer.begin(gradient, firstBlock);
    for (int p = 0; p < rates.length; p++) {
      rates[p] = frozen[p] ? null : optimizer.rate(lr * parts.get(p).factor(), since[p]);
    }
    team.run(step);
  }

  /** Returns what the optimiser is to multiply the gradient with, given its norm. */
  float factor(double norm) {
    float clip = maxNorm == 0 ? 1 : (float) Math.min(1, maxNorm / (norm + 1e-6));
    return share * clip;
  }

  private void step(int part, int parts) {
    for (int s = part; s < Slices.count(params.length); s += parts) {
      for (int run = 0; run < learned.starts().length; run++) {
        int from = Math.max(learned.starts()[run], Slices.start(s));
        int to = Math.min(learned.ends()[run], Slices.end(s, params.length));
        Optimizer.Rate rate = rates[partOfRun[run]];
        if (rate != null && from < to) {
          optimizer.step(params, gradient, factor, rate, from, to);
        }
      }
    }
  }

  /** Returns the update rule, whose moments are to be copied or written over. */
  Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public Map<String, float[]> moments(float[] params) {
    return optimizer.moments();
  }

  @Override
  public void restore(Function<String, float[]> moments, long steps, float[] params) {
    optimizer
        .moments()
        .forEach((name, into) -> System.arraycopy(moments.apply(name), 0, into, 0, into.length));
    optimizer.resumeAfter(steps);
  }
}
