// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.RandomBits;

/** What a run draws random numbers for; each use of the one seed has keys of its own. */
public enum RandomUse {
  INIT(1),
  DROPOUT(2),
  STATE(3),
  SUBSAMPLE(4),
  NOISE(5),
  BATCHES(7);

  private final long id;

  RandomUse(long id) {
    this.id = id;
  }

  /** The key of one drawing, told from others of this use by two numbers. */
  public long key(long seed, long a, long b) {
    return RandomBits.key(seed, id, a, b);
  }
}
