// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.unroll.rnn.nn.Gradient;

/**
 * Runs say which elements of a flat vector travel: pairs of indices, from and behind, in ascending
 * order and at the borders of {@link Gradient#BLOCK}s.
 */
final class Runs {
  /** The runs of no element. */
  static final int[] NONE = {};

  private Runs() {}

  /** Returns the one run of all elements. */
  static int[] all(int size) {
    return size == 0 ? NONE : new int[] {0, size};
  }

  /** Returns the runs of a gradient that count. */
  static int[] of(Gradient gradient) {
    IntStream.Builder runs = IntStream.builder();
    for (int from = gradient.nextWritten(0); from < gradient.size(); ) {
      int to = gradient.endOfWritten(from);
      runs.add(from).add(to);
      from = gradient.nextWritten(to);
    }
    return runs.build().toArray();
  }

  /**
   * Checks runs that came from elsewhere.
   *
   * @throws IllegalArgumentException if it is not in order, or not within a vector of this size
   */
  static int[] require(int[] runs, int size) {
    int last = 0;
    for (int r = 0; r + 1 < runs.length; r += 2) {
      boolean borders =
          runs[r] % Gradient.BLOCK == 0
              && (runs[r + 1] % Gradient.BLOCK == 0 || runs[r + 1] == size);
      if (!borders || runs[r] < last || runs[r + 1] <= runs[r] || runs[r + 1] > size) {
        throw new IllegalArgumentException(
            "elements " + runs[r] + " to " + runs[r + 1] + " of " + size + " are no run");
      }
      last = runs[r + 1];
    }
    return runs;
  }

  /** Puts runs into a message. */
  static ByteBuffer write(int[] runs, ByteBuffer out) {
    out.putInt(runs.length);
    for (int border : runs) {
      out.putInt(border);
    }
    return out;
  }

  /** Reads what {@link #write} wrote. */
  static int[] read(ByteBuffer in) {
    int[] runs = new int[Messages.count(in, Integer.BYTES, "borders of runs")];
    Arrays.setAll(runs, i -> in.getInt());
    return runs;
  }
}
