// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.List;
import java.util.stream.Stream;
import org.unroll.rnn.model.Loss;

/** What is added up over the rounds of an epoch. */
final class EpochSums {
  private static final int OWN_NUMBERS = 4;

  private Loss loss = Loss.ZERO;
  private double norms;
  private double lr;
  private final Throughput throughput = new Throughput();

  void add(RoundMetrics round) {
    loss = loss.plus(round.loss());
    norms += round.gradientNorm();
    lr = round.lr();
    throughput.add(round.loss().weight(), round.seconds());
  }

  /**
   * The epoch when it is over.
   *
   * @param valid the validation loss, or null
   */
  EpochMetrics metrics(int epoch, long step, int windows, Loss valid) {
    return new EpochMetrics(
        epoch,
        step,
        loss,
        valid,
        lr,
        norms / windows,
        throughput.seconds(),
        throughput.perSecond());
  }

  /** All there is to {@link #restore}. */
  List<Double> numbers() {
    return Stream.concat(
            Stream.of(loss.sum(), loss.weight(), norms, lr), throughput.numbers().stream())
        .toList();
  }

  void restore(List<Double> numbers) {
    loss = new Loss(numbers.get(0), numbers.get(1));
    norms = numbers.get(2);
    lr = numbers.get(3);
    throughput.restore(numbers.subList(OWN_NUMBERS, numbers.size()));
  }
}
