// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.unroll.rnn.math.RandomBits;

/** A sequence of random numbers, told from others by a key. */
public final class Draws {
  private final long key;
  private long drawn;

  /** Begins the random numbers of the sequence with this number. */
  public Draws(long seed, long sequence) {
    this.key = RandomBits.key(seed, sequence);
  }

  /** Draws a uniform number in [0, 1). */
  double uniform() {
    return RandomBits.uniformDouble(key, drawn++);
  }

  /** Draws a uniform number in [from, to). */
  double uniform(double from, double to) {
    return from + (to - from) * uniform();
  }

  /** Draws a uniform whole number in [0, bound). */
  int below(int bound) {
    return (int) (uniform() * bound);
  }

  /** Draws a uniform whole number in [from, to], both included. */
  int between(int from, int to) {
    return from + below(to - from + 1);
  }

  /** Draws whether something of this probability happens. */
  boolean chance(double probability) {
    return uniform() < probability;
  }

  /** Draws a standard normal number. */
  double gaussian() {
    return RandomBits.gaussian(key, drawn++);
  }
}
