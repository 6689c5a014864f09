// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Predicts rounds of executors from a {@link Profile} and a {@link Link}; nothing is measured here.
 * PLAN.md explains the model.
 *
 * @param profile of one model
 * @param link to the driver
 * @param scaling when executors are added
 */
public record Predictor(Profile profile, Link link, Scaling scaling) {
  /** The way sums get to the driver and parameters back. */
  public enum Reduction {
    /** The driver talks to every executor. */
    HUB,
    /** Executors add in pairs, and hand parameters on along the same tree. */
    TREE
  }

  /** The quantity that stays the same when executors are added. */
  public enum Scaling {
    /** The batch: the same training, sooner. */
    STRONG,
    /** Each executor's part of the batch: a larger batch in about the same time. */
    WEAK
  }

  /**
   * A predicted round.
   *
   * @param executors of one core and one shard each
   * @param tokens of a round
   * @param computeSeconds of the largest shard
   * @param exchangeSeconds until the sum is there and the parameters are back
   * @param updateSeconds of the driver
   */
  public record Prediction(
      int executors,
      double tokens,
      double computeSeconds,
      double exchangeSeconds,
      double updateSeconds) {

    /** Returns the seconds of the whole round. */
    public double seconds() {
      return computeSeconds + exchangeSeconds + updateSeconds;
    }

    /** Returns the tokens that are learnt in a second. */
    public double tokensPerSecond() {
      return tokens / seconds();
    }

    /** Returns how many times as many tokens it has in a second as another prediction. */
    public double speedUp(Prediction one) {
      return tokensPerSecond() / one.tokensPerSecond();
    }
  }

  /** An executor is worth having if it brings this part of what one does alone. */
  public static final double WORTHWHILE = 0.1;

  /**
   * Returns the most executors that have something to do: a stream is not cut further.
   *
   * @param asked how many are looked at
   */
  public int most(int asked) {
    return scaling == Scaling.WEAK ? asked : Math.min(asked, profile.batch());
  }

  /** Predicts a round of so many executors. */
  public Prediction predict(Reduction reduction, int executors) {
    int rows =
        scaling == Scaling.WEAK ? profile.batch() : (profile.batch() + executors - 1) / executors;
    long allRows = scaling == Scaling.WEAK ? (long) rows * executors : profile.batch();
    double exchange =
        reduction == Reduction.HUB
            ? link.exchange(executors, bytes(rows, allRows))
            : tree(executors, rows, allRows);
    return new Prediction(
        executors,
        (double) allRows * profile.window(),
        profile.compute(rows),
        exchange,
        profile.updateSeconds());
  }

  /**
   * Returns the seconds of exchanges between two, one behind the other: pairs of executors, and the
   * last with the driver.
   */
  private double tree(int executors, int rows, long allRows) {
    double seconds = 0;
    long covered = 1;
    for (; covered < executors; covered *= 2) {
      seconds += link.exchange(1, bytes(Math.min(allRows, rows * covered), allRows));
    }
    return seconds + link.exchange(1, bytes(Math.min(allRows, rows * covered), allRows));
  }

  /** Returns the bytes of a sum over so many rows, and of the parameters back after all of them. */
  private double bytes(long rows, long allRows) {
    return Float.BYTES * (profile.written(rows) + profile.changed(allRows));
  }

  /** Predicts rounds of 1 to {@link #most} executors. */
  public List<Prediction> all(Reduction reduction, int asked) {
    return IntStream.rangeClosed(1, most(asked)).mapToObj(n -> predict(reduction, n)).toList();
  }

  /** Returns the one with the most tokens a second; the fewest executors among equals. */
  public static Prediction fastest(List<Prediction> all) {
    return all.stream()
        .reduce((a, b) -> b.tokensPerSecond() > a.tokensPerSecond() ? b : a)
        .orElseThrow();
  }

  /**
   * Returns the last number up to which each further executor brings {@link #WORTHWHILE} of what
   * one does alone, on average over steps in which the largest shard does not become smaller.
   *
   * @param all of 1 executor and on
   */
  public static Prediction worthwhile(List<Prediction> all) {
    Prediction one = all.get(0);
    Prediction last = one;
    for (Prediction next : all) {
      double gain = next.speedUp(one) - last.speedUp(one);
      if (next != last && gain >= WORTHWHILE * (next.executors() - last.executors())) {
        last = next;
      }
    }
    return last;
  }
}
