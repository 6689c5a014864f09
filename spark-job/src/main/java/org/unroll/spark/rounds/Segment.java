// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.math.Bf16;
import org.unroll.rnn.train.Wire;

/**
 * A part of an array on its way in or out.
 *
 * @param array is neither copied nor changed by anybody while its numbers travel
 * @param from index of the first number
 * @param to behind the last
 * @param wire in which form they travel
 */
public record Segment(float[] array, int from, int to, Wire wire) {
  /** The runs of an array; see {@link Runs}. */
  public static List<Segment> of(float[] array, int[] runs, Wire wire) {
    List<Segment> segments = new ArrayList<>();
    for (int r = 0; r < runs.length; r += 2) {
      segments.add(new Segment(array, runs[r], runs[r + 1], wire));
    }
    return segments;
  }

  /** A whole array. */
  public static Segment of(float[] array, Wire wire) {
    return new Segment(array, 0, array.length, wire);
  }

  int size() {
    return to - from;
  }

  /**
   * Numbers of 16 bits that travel together, when so many are done: up to the next border of a
   * piece, an even number of them or one. Borders are places in the array, so that both ends find
   * the same ones, also where one has runs and the other has slices of them.
   */
  int pieceAt(int done) {
    int n = Math.min(Bf16.PIECE - (from + done) % Bf16.PIECE, size() - done);
    return n == 1 ? 1 : n & ~1;
  }
}
