// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;

/** The times of an epoch's rounds, added up. */
final class TimeSums {
  /** How many {@link #numbers} there are. */
  static final int NUMBERS = 9;

  private double compute;
  private double waiting;
  private double encode;
  private double wire;
  private double sum;
  private double step;
  private double slowestSeconds;

  /** A vote: who is slowest in more than half of the rounds is left over at the end. */
  private int slowestShard;

  private long lead;

  void add(RoundTimes round) {
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

  /** The mean over so many rounds, with the shard that was slowest in most of them. */
  RoundTimes mean(int rounds) {
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

  /** All there is to {@link #restore}. */
  List<Double> numbers() {
    return List.of(
        compute,
        waiting,
        encode,
        wire,
        sum,
        step,
        slowestSeconds,
        (double) slowestShard,
        (double) lead);
  }

  void restore(List<Double> numbers) {
    compute = numbers.get(0);
    waiting = numbers.get(1);
    encode = numbers.get(2);
    wire = numbers.get(3);
    sum = numbers.get(4);
    step = numbers.get(5);
    slowestSeconds = numbers.get(6);
    slowestShard = numbers.get(7).intValue();
    lead = numbers.get(8).longValue();
  }
}
