// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import org.unroll.rnn.math.RandomBits;

/** Random numbers one behind the other, told from others by a key. */
public final class Draws {
  private final long key;
  private long drawn;

  /** Of the sequence with this number. */
  public Draws(long seed, long sequence) {
    this.key = RandomBits.key(seed, sequence);
  }

  /** Uniform in [0, 1). */
  double uniform() {
    return RandomBits.uniformDouble(key, drawn++);
  }

  /** Uniform in [from, to). */
  double uniform(double from, double to) {
    return from + (to - from) * uniform();
  }

  /** Uniform in [0, bound). */
  int below(int bound) {
    return (int) (uniform() * bound);
  }

  /** Uniform in [from, to], both included. */
  int between(int from, int to) {
    return from + below(to - from + 1);
  }

  boolean chance(double probability) {
    return uniform() < probability;
  }

  /** Standard normal. */
  double gaussian() {
    return RandomBits.gaussian(key, drawn++);
  }
}
