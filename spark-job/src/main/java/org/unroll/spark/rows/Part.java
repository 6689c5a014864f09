// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.Serializable;
import org.unroll.rnn.math.RandomBits;

/**
 * Which rows of an input are taken. Whether a row is held out for validation is decided by the seed
 * and the row's own content, not by its place: the same rows are held out however the input is
 * ordered and cut into files, and equal rows fall on one side.
 *
 * @param seed of the decision
 * @param fraction that is held out, in [0, 1)
 * @param held whether the held-out rows are taken, or all others
 */
public record Part(long seed, double fraction, boolean held) implements Serializable {
  /** All rows. */
  public static final Part ALL = new Part(0, 0, false);

  public Part {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "the fraction held out must be in [0, 1) but was " + fraction);
    }
  }

  /** Whether a row belongs to it. */
  boolean has(SequenceRow row) {
    return fraction == 0
        ? !held
        : held == RandomBits.uniformDouble(RandomBits.key(seed), RowHash.content(row)) < fraction;
  }
}
