// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.network.Loss;

/** What is added up over the rounds of an epoch. */
final class EpochSums {
  private static final int OWN_NUMBERS = 4;

  /** How many {@link #numbers} there are. */
  static final int NUMBERS = OWN_NUMBERS + TimeSums.NUMBERS + Throughput.NUMBERS;

  private Loss loss = Loss.ZERO;
  private double norms;
  private double lr;
  private final TimeSums times = new TimeSums();
  private final Throughput throughput = new Throughput();

  void add(RoundMetrics round) {
    loss = loss.plus(round.loss());
    norms += round.gradientNorm();
    lr = round.lr();
    times.add(round.times());
    throughput.add(round.loss().weight(), round.seconds());
  }

  /**
   * The epoch when it is over.
   *
   * @param valid the validation loss, or null
   * @param score of the validation data, or NaN
   */
  EpochMetrics metrics(int epoch, long step, int windows, Loss valid, double score) {
    return new EpochMetrics(
        epoch,
        step,
        loss,
        valid,
        lr,
        norms / windows,
        throughput.seconds(),
        throughput.perSecond(),
        times.mean(windows),
        score);
  }

  /** All there is to {@link #restore}. */
  List<Double> numbers() {
    return Stream.of(
            List.of(loss.sum(), loss.weight(), norms, lr), times.numbers(), throughput.numbers())
        .flatMap(List::stream)
        .toList();
  }

  void restore(List<Double> numbers) {
    loss = new Loss(numbers.get(0), numbers.get(1));
    norms = numbers.get(2);
    lr = numbers.get(3);
    int end = OWN_NUMBERS + TimeSums.NUMBERS;
    times.restore(numbers.subList(OWN_NUMBERS, end));
    throughput.restore(numbers.subList(end, numbers.size()));
  }
}
