// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;

/**
 * The update of a round: every row w of the two matrices goes down the sum g of the gradients of
 * all its pairs, no farther than {@link #LONGEST} of them would take it:
 *
 * <pre>
 *   w -= lr g min(1, LONGEST / |g|)
 * </pre>
 *
 * The sum, and not the mean, is what as many single steps of word2vec would come to; the limit is
 * for words that are so frequent that these steps would have corrected each other. Only rows of the
 * round's words are touched. Several threads take rows of their own, so that their number changes
 * no bit.
 */
final class RowDescent {
  /** The longest gradient of a row. */
  static final float LONGEST = 50;

  private final int size;
  private final Team team;
  private final Team.Task step = this::step;

  private float[] params;
  private Gradient gradient;
  private float rate;

  /**
   * For rows of {@code size} numbers.
   *
   * @param team the threads that do the work together
   */
  RowDescent(int size, Team team) {
    this.size = size;
    this.team = team;
  }

  /** Changes the parameters in place; allocates nothing. */
  void apply(float[] params, Gradient gradient, double lr) {
    this.params = params;
    this.gradient = gradient;
    rate = (float) lr;
    team.run(step);
  }

  private void step(int part, int parts) {
    int rows = params.length / size;
    int end = Team.start(rows, part + 1, parts);
    int row = Team.start(rows, part, parts);
    while (row < end) {
      // A row is made of the blocks of the gradient that hold its elements, and has all of them.
      int block = row * size / Gradient.BLOCK * Gradient.BLOCK;
      int written = gradient.nextWritten(block);
      if (written > block) {
        row = Math.max(row + 1, (int) ((written + (long) size - 1) / size));
        continue;
      }
      int runEnd = gradient.endOfWritten(block);
      for (; row < end && (row + 1L) * size <= runEnd; row++) {
        descend(row * size);
      }
      row++;
    }
  }

  private void descend(int from) {
    float[] g = gradient.values();
    double norm = Math.sqrt(Ops.sumOfSquares(g, from, size));
    float factor = norm > LONGEST ? (float) (rate * LONGEST / norm) : rate;
    for (int i = from; i < from + size; i++) {
      params[i] -= factor * g[i];
    }
  }
}
