// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.unroll.rnn.math.Checks;

/**
 * What every shard does in a round. It reads a few windows of its data, one after the other (a
 * window of each of its streams, or a batch of its rows), and carries its state through them.
 *
 * <p>Their gradients are added up at the same parameters, together with those of all other shards,
 * and the sum is divided once by the weight of all of it: the number of scored tokens, or rows. A
 * step is that of one batch {@code accumulate} times as large, but for the state, which goes on
 * from window to window, and for the reach of gradients, which ends at a window's begin.
 *
 * @param accumulate windows whose gradients are added up for a step, at least 1
 */
public record RoundSpec(int accumulate) implements Serializable {
  /** The round of one window. */
  public static final RoundSpec ONE = new RoundSpec(1);

  public RoundSpec {
    Checks.positive("accumulate", accumulate);
  }

  /** Returns the rounds of an epoch of so many windows; the last may have fewer than others. */
  public int rounds(int windows) {
    return (int) (((long) windows + accumulate - 1) / accumulate);
  }

  /**
   * Returns the windows of a round, in their order.
   *
   * @param round whose index counts rounds
   * @param windows of an epoch
   * @return windows whose index counts windows, and whose steps no other window of the run has
   */
  List<Window> windows(Window round, int windows) {
    int first = Math.multiplyExact(round.index(), accumulate);
    int count = Math.min(accumulate, windows - first);
    return IntStream.range(0, count)
        .mapToObj(i -> new Window(round.epoch(), first + i, round.step() * accumulate + i))
        .toList();
  }
}
