// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.RandomBits;

/**
 * The uses of random numbers in a run. Each use of the one seed has keys of its own, so that a draw
 * depends on what it is for and on its place, never on what was drawn before.
 */
public enum RandomUse {
  /** The parameters that a training starts from. */
  INIT(1),
  /** The masks of all dropouts. */
  DROPOUT(2),
  /** The states that windows start from, where they are random. */
  STATE(3),
  /** The frequent words that skip-gram leaves out. */
  SUBSAMPLE(4),
  /** The words that skip-gram sets against contexts. */
  NOISE(5),
  /** The order and the batches of examples. */
  BATCHES(7),
  /** The blocks of rows that stand for others of their kind in a bootstrap. */
  RESAMPLING(8);

  private final long id;

  RandomUse(long id) {
    this.id = id;
  }

  /** Returns the key of one drawing, told from others of this use by two numbers. */
  public long key(long seed, long a, long b) {
    return RandomBits.key(seed, id, a, b);
  }
}
