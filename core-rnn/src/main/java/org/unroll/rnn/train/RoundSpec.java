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
 * <p>Gradients of {@code accumulate} windows are added up at the same parameters, and divided once
 * by the weight of all of them: the number of scored tokens, or rows. A step is that of one batch
 * {@code accumulate} times as large, but for the state, which goes on from window to window, and
 * for the reach of gradients, which ends at a window's begin.
 *
 * <p>With one local step, gradients are those of all shards together, and one step of the optimiser
 * follows. With more, every shard makes so many steps by itself, of its own windows alone, and what
 * comes of them is averaged: see {@link LocalLearner}. Then the result depends on the number of
 * shards in a way of its own.
 *
 * @param accumulate windows whose gradients are added up for a step, at least 1
 * @param localSteps that every shard makes by itself; 1 for steps of all shards together
 */
public record RoundSpec(int accumulate, int localSteps) implements Serializable {
  /** The round of one window. */
  public static final RoundSpec ONE = new RoundSpec(1, 1);

  public RoundSpec {
    Checks.positive("accumulate", accumulate);
    Checks.positive("local-steps", localSteps);
    if ((long) accumulate * localSteps > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a round of %d windows for each of %d local steps is too long"
              .formatted(accumulate, localSteps));
    }
  }

  /** Returns whether shards make steps by themselves. */
  public boolean isLocal() {
    return localSteps > 1;
  }

  /** Returns the windows of a round, of which an epoch's last may have fewer. */
  public int windows() {
    return accumulate * localSteps;
  }

  /** Returns the rounds of an epoch of so many windows. */
  public int rounds(int windows) {
    return (int) (((long) windows + windows() - 1) / windows());
  }

  /**
   * Returns the windows of a round, in their order.
   *
   * @param round whose index counts rounds
   * @param windows of an epoch
   * @return windows whose index counts windows, and whose steps no other window of the run has
   */
  List<Window> windows(Window round, int windows) {
    int first = Math.multiplyExact(round.index(), windows());
    int count = Math.min(windows(), windows - first);
    return IntStream.range(0, count)
        .mapToObj(i -> new Window(round.epoch(), first + i, round.step() * windows() + i))
        .toList();
  }

  /** Returns the first step of the optimiser in a round, whose step counts those. */
  Window firstStep(Window round) {
    return new Window(round.epoch(), round.index(), round.step() * localSteps);
  }

  /** Returns the steps of the optimiser in a run, if all rounds are whole. */
  long steps(int epochs, int rounds) {
    return (long) epochs * rounds * localSteps;
  }

  private static int moments(OptimizerSpec optimizer) {
    return optimizer.kind().moments().size();
  }

  /**
   * Returns how many vectors of the parameters' size a worker has beside the sums of its shards:
   * the parameters, and where shards make steps, the moments, and parameters, moments and gradient
   * of the shard at work.
   */
  public int workerVectors(OptimizerSpec optimizer) {
    return isLocal() ? 3 + 2 * moments(optimizer) : 1;
  }

  /**
   * Returns the floats that a round sums, and sends back: the parameters, and behind them each
   * moment of the optimiser if they are averaged as well.
   *
   * @throws IllegalArgumentException if they are more than an array holds
   */
  public int floats(int parameters, OptimizerSpec optimizer) {
    long floats = (long) parameters * (isLocal() ? 1 + moments(optimizer) : 1);
    if (floats > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%d parameters with the moments of %s are too many for local steps"
              .formatted(parameters, optimizer.kind()));
    }
    return (int) floats;
  }
}
