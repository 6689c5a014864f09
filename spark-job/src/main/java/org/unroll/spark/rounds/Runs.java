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

  /** Returns the parts of runs that lie in a span, which begins and ends at borders of blocks. */
  static int[] within(int[] runs, Span span) {
    IntStream.Builder within = IntStream.builder();
    for (int r = 0; r < runs.length; r += 2) {
      int from = Math.max(runs[r], span.from());
      int to = Math.min(runs[r + 1], span.to());
      if (from < to) {
        within.add(from).add(to);
      }
    }
    return within.build().toArray();
  }

  /**
   * Checks runs that came from elsewhere.
   *
   * @throws IllegalArgumentException if they are not in order, or not within the span
   */
  static int[] require(int[] runs, Span span) {
    int size = span.to();
    int last = span.from();
    for (int r = 0; r + 1 < runs.length; r += 2) {
      boolean borders =
          runs[r] % Gradient.BLOCK == 0
              && (runs[r + 1] % Gradient.BLOCK == 0 || runs[r + 1] == size);
      if (!borders || runs[r] < last || runs[r + 1] <= runs[r] || runs[r + 1] > size) {
        throw new IllegalArgumentException(
            "elements %s to %s are no run of %s".formatted(runs[r], runs[r + 1], span));
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
