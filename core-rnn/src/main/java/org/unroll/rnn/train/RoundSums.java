// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.network.Loss;

/**
 * The sums over the rounds of an epoch or of a whole run, for {@link EpochMetrics} and for reports.
 * Its fields are what a checkpoint keeps of it; see {@link TrainState}.
 */
public final class RoundSums {
  /** The rounds left out of the steady state, in which the JVM compiles and workers start. */
  static final int WARM_UP = 2;

  private double loss;
  private double weight;
  private double norms;
  private double lr;
  private double seconds;
  private double steadyWeight;
  private double steadySeconds;

  // The parts of RoundTimes, in its order.
  private double compute;
  private double waiting;
  private double encode;
  private double wire;
  private double sum;
  private double step;
  private double slowestSeconds;

  // A vote: who is slowest in more than half of the rounds is left over at the end.
  private int slowestShard;
  private long lead;

  /** The rounds of this process, which has to warm up again when it goes on from a checkpoint. */
  private transient long rounds;

  /** Adds a round. */
  void add(RoundMetrics round) {
    loss += round.loss().sum();
    weight += round.loss().weight();
    norms += round.gradientNorm();
    lr = round.lr();
    seconds += round.seconds();
    if (++rounds > WARM_UP) {
      steadyWeight += round.loss().weight();
      steadySeconds += round.seconds();
    }
    add(round.times());
  }

  private void add(RoundTimes round) {
    compute += round.compute();
    waiting += round.waiting();
    encode += round.encode();
    wire += round.wire();
    sum += round.sum();
    step += round.step();
    slowestSeconds += round.slowestSeconds();
    if (lead == 0) {
      slowestShard = round.slowestShard();
    }
    lead += slowestShard == round.slowestShard() ? 1 : -1;
  }

  /** Returns the mean over so many rounds, with the shard that was slowest in most of them. */
  RoundTimes meanTimes(int rounds) {
    return new RoundTimes(
        compute / rounds,
        waiting / rounds,
        encode / rounds,
        wire / rounds,
        sum / rounds,
        step / rounds,
        slowestShard,
        slowestSeconds / rounds);
  }

  /**
   * Returns scored tokens a second over all rounds but the first; over all if there are no others.
   */
  double steadyPerSecond() {
    return steadyWeight == 0 ? weight / seconds : steadyWeight / steadySeconds;
  }

  /**
   * Returns the epoch when it is over.
   *
   * @param valid the validation loss, or null
   * @param score of the validation data, or NaN
   */
  EpochMetrics metrics(int epoch, long steps, int windows, Loss valid, double score) {
    return new EpochMetrics(
        epoch,
        steps,
        new Loss(loss, weight),
        valid,
        lr,
        norms / windows,
        seconds,
        weight / seconds,
        meanTimes(windows),
        score);
  }
}
