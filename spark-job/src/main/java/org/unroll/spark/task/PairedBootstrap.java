// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.RandomUse;

/**
 * The paired bootstrap asks how much the difference of two models would vary if other rows of their
 * kind had been scored: blocks of rows are drawn with replacement, the same ones for both models,
 * and the middle share of the differences is the interval (Efron 1979; of paired systems Koehn
 * 2004). What is drawn depends on the seed and on the number of blocks alone.
 */
final class PairedBootstrap {
  /** How often all blocks are drawn anew. */
  static final int REPLICATES = 2000;

  /** Fewer blocks than this tell too little of others to tell an interval. */
  static final int LEAST_BLOCKS = 10;

  private final int blocks;
  private final double confidence;
  private final long key;

  /**
   * The errors of two models in the blocks that have rows of a part.
   *
   * @param places of the blocks among all, from 0
   * @param a those of the first model
   * @param b those of the second
   */
  record Errors(int[] places, Loss[] a, Loss[] b) {}

  /** The ends of an interval. */
  record Interval(double low, double high) {}

  /**
   * Prepares for so many blocks.
   *
   * @param confidence the share of differences inside of an interval, in (0, 1)
   */
  PairedBootstrap(int blocks, double confidence, long seed) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("the confidence must be in (0, 1) but was " + confidence);
    }
    this.blocks = blocks;
    this.confidence = confidence;
    key = RandomUse.RESAMPLING.key(seed, blocks, 0);
  }

  /**
   * Returns the interval of each part's difference, the second model's score less the first one's.
   *
   * @param score of summed errors, NaN if there is none; a replicate without one does not count
   * @return for each part its interval, or null where there are fewer than {@link #LEAST_BLOCKS}
   */
  Interval[] intervals(List<Errors> parts, ToDoubleFunction<Loss> score) {
    double[][] differences = new double[parts.size()][REPLICATES];
    int[] drawn = new int[blocks];
    for (int r = 0; r < REPLICATES; r++) {
      Arrays.fill(drawn, 0);
      for (int i = 0; i < blocks; i++) {
        drawn[(int) (RandomBits.uniformDouble(key, (long) r * blocks + i) * blocks)]++;
      }
      for (int p = 0; p < parts.size(); p++) {
        Errors errors = parts.get(p);
        differences[p][r] =
            score.applyAsDouble(sum(errors.places(), errors.b(), drawn))
                - score.applyAsDouble(sum(errors.places(), errors.a(), drawn));
      }
    }
    Interval[] intervals = new Interval[parts.size()];
    for (int p = 0; p < intervals.length; p++) {
      boolean enough = parts.get(p).places().length >= LEAST_BLOCKS;
      intervals[p] = enough ? interval(differences[p]) : null;
    }
    return intervals;
  }

  private static Loss sum(int[] places, Loss[] errors, int[] drawn) {
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < places.length; i++) {
      int times = drawn[places[i]];
      sum += times * errors[i].sum();
      weight += times * errors[i].weight();
    }
    return new Loss(sum, weight);
  }

  private Interval interval(double[] differences) {
    double[] sorted =
        Arrays.stream(differences).filter(some -> !Double.isNaN(some)).sorted().toArray();
    double outside = (1 - confidence) / 2;
    return sorted.length == 0
        ? null
        : new Interval(quantile(sorted, outside), quantile(sorted, 1 - outside));
  }

  /** Returns the number below which a share of sorted ones are, between two of them in line. */
  private static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
