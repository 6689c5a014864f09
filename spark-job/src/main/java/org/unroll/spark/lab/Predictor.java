// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.train.RoundSpec;
import org.unroll.spark.rounds.SumKind;

/**
 * Predicts rounds of executors from a {@link Profile} and a {@link Link}; nothing is measured here.
 * PLAN.md explains the model.
 *
 * @param profile of one model
 * @param link to the driver, and of executors to each other
 * @param scaling when executors are added
 * @param cores that all executors have together, where they are on one machine; infinite where each
 *     has its own
 */
public record Predictor(Profile profile, Link link, Scaling scaling, double cores) {
  /** The quantity that stays the same when executors are added. */
  public enum Scaling {
    /** The batch: the same training, sooner. */
    STRONG,
    /** Each executor's part of the batch: a larger batch in about the same time. */
    WEAK
  }

  /**
   * A way to make rounds.
   *
   * @param sum where their sums are added: by the driver or shared
   * @param round what a shard does in one
   */
  public record Way(SumKind sum, RoundSpec round) {
    /** Returns the rounds of one window each. */
    public static Way of(SumKind sum) {
      return new Way(sum, RoundSpec.ONE);
    }
  }

  /**
   * A predicted round.
   *
   * @param executors of one shard each
   * @param tokens of a round
   * @param computeSeconds of the largest shard
   * @param exchangeSeconds until the sum is there and the parameters are back
   * @param updateSeconds of the driver
   * @param driverBytes that cross at the driver, both ways together
   */
  public record Prediction(
      int executors,
      double tokens,
      double computeSeconds,
      double exchangeSeconds,
      double updateSeconds,
      double driverBytes) {

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

  /** Predicts executors of machines of their own. */
  public Predictor(Profile profile, Link link, Scaling scaling) {
    this(profile, link, scaling, Double.POSITIVE_INFINITY);
  }

  /**
   * Returns the most executors that have something to do: a stream is not cut further.
   *
   * @param asked how many are looked at
   */
  public int most(int asked) {
    return scaling == Scaling.WEAK ? asked : Math.min(asked, profile.batch());
  }

  /** Predicts a round of so many executors. */
  public Prediction predict(Way way, int executors) {
    int rows =
        scaling == Scaling.WEAK ? profile.batch() : (profile.batch() + executors - 1) / executors;
    long allRows = scaling == Scaling.WEAK ? (long) rows * executors : profile.batch();
    int windows = way.round().windows();
    double sent = profile.sent(rows, way.round());
    double changed = profile.changed(allRows, way.round());
    int owners = Math.min(executors, profile.spans());
    boolean shared = way.sum() != SumKind.DRIVER && owners > 1;
    double atDriver =
        shared ? profile.sent(allRows, way.round()) + changed : executors * (sent + changed);
    double exchange =
        shared
            ? link.shared(executors, atDriver, sent + changed)
            : link.exchange(executors, sent + changed);
    double steps = way.round().isLocal() ? way.round().localSteps() * profile.updateSeconds() : 0;
    return new Prediction(
        executors,
        (double) allRows * profile.window() * windows,
        (windows * profile.compute(rows) + steps) * Math.max(1, executors / cores),
        exchange,
        profile.updateSeconds(),
        atDriver);
  }

  /** Predicts rounds of 1 to {@link #most} executors. */
  public List<Prediction> all(Way way, int asked) {
    return IntStream.rangeClosed(1, most(asked)).mapToObj(n -> predict(way, n)).toList();
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
