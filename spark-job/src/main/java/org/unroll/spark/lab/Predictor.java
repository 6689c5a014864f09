// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.List;
import java.util.stream.IntStream;

/** Predicts rounds from a profile and a link; nothing is measured here. */
public final class Predictor {
  /** An executor is worth having if it brings this part of what one does alone. */
  public static final double WORTHWHILE = 0.1;

  private final Profile profile;
  private final Link link;
  private final Scaling scaling;

  /** Predictions for one model in one network. */
  public Predictor(Profile profile, Link link, Scaling scaling) {
    this.profile = profile;
    this.link = link;
    this.scaling = scaling;
  }

  /**
   * The most executors that have something to do: a stream of the batch is not cut further.
   *
   * @param asked how many are looked at
   */
  public int most(int asked) {
    return scaling == Scaling.WEAK ? asked : Math.min(asked, profile.batch());
  }

  /** A round of so many executors. */
  public ScalingForecast forecast(Reduction reduction, int executors) {
    int rows =
        scaling == Scaling.WEAK ? profile.batch() : (profile.batch() + executors - 1) / executors;
    long allRows = scaling == Scaling.WEAK ? (long) rows * executors : profile.batch();
    double exchange =
        reduction == Reduction.HUB
            ? link.exchange(executors, bytes(rows, allRows))
            : tree(executors, rows, allRows);
    return new ScalingForecast(
        executors,
        (double) allRows * profile.window(),
        profile.compute(rows),
        exchange,
        profile.updateSeconds());
  }

  /**
   * Exchanges between two, one behind the other: pairs of executors, and the last with the driver.
   */
  private double tree(int executors, int rows, long allRows) {
    double seconds = 0;
    long covered = 1;
    for (; covered < executors; covered *= 2) {
      seconds += link.exchange(1, bytes(Math.min(allRows, rows * covered), allRows));
    }
    return seconds + link.exchange(1, bytes(Math.min(allRows, rows * covered), allRows));
  }

  /** Of a sum over so many rows on its way, and the parameters back after all of them. */
  private double bytes(long rows, long allRows) {
    return Float.BYTES * (profile.written(rows) + profile.changed(allRows));
  }

  /** The forecasts of 1 to {@link #most} executors. */
  public List<ScalingForecast> all(Reduction reduction, int asked) {
    return IntStream.rangeClosed(1, most(asked)).mapToObj(n -> forecast(reduction, n)).toList();
  }

  /** The one with the most tokens a second; the fewest executors among equals. */
  public static ScalingForecast fastest(List<ScalingForecast> all) {
    ScalingForecast best = all.get(0);
    for (ScalingForecast forecast : all) {
      if (forecast.tokensPerSecond() > best.tokensPerSecond()) {
        best = forecast;
      }
    }
    return best;
  }

  /**
   * The last number up to which each further executor brings {@link #WORTHWHILE} of what one does
   * alone, on average over steps in which the largest shard does not become smaller.
   *
   * @param all of 1 executor and on
   */
  public static ScalingForecast worthwhile(List<ScalingForecast> all) {
    ScalingForecast one = all.get(0);
    ScalingForecast last = one;
    for (ScalingForecast next : all) {
      double gain = next.speedUp(one) - last.speedUp(one);
      if (next != last && gain >= WORTHWHILE * (next.executors() - last.executors())) {
        last = next;
      }
    }
    return last;
  }
}
