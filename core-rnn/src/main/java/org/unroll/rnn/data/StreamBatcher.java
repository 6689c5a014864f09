// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;
import java.util.Comparator;

/**
 * A stream batcher makes the windows of one shard: row b of window i continues row b of window i -
 * 1, so that a state can be carried from one to the next. The longest streams are the first rows,
 * of equal ones in their order in the text. Any window can be filled at any time, so nothing is
 * lost when a training goes on in the middle of an epoch. Not for use by two threads at a time.
 */
public final class StreamBatcher {
  private final int window;
  private final int windows;

  /** The places where each row's pairs start in the shard's tokens {@code [rows]}. */
  private final long[] starts;

  /** The pairs of each row {@code [rows]}, most first. */
  private final long[] pairs;

  /** The cursor of each row; null where it has no pairs. */
  private final TokenRun.Cursor[] cursors;

  /** The steps of each row in the window at work. */
  private final int[] lengths;

  /** The tokens of one row in one window, with the target of the last. */
  private final int[] piece;

  /**
   * Takes a shard of a plan.
   *
   * @param tokens those from {@link StreamPlan#firstToken} to {@link StreamPlan#endToken} of that
   *     shard
   * @throws IllegalArgumentException if there are more or fewer tokens than the plan gives the
   *     shard
   */
  public StreamBatcher(StreamPlan plan, int shard, TokenRun tokens) {
    long first = plan.firstToken(shard);
    long end = plan.endToken(shard);
    if (tokens.tokens() != end - first) {
      throw new IllegalArgumentException(
          "shard %d needs the %d tokens [%d, %d) but was given %d"
              .formatted(shard, end - first, first, end, tokens.tokens()));
    }
    window = plan.window();
    windows = plan.windows();
    int rows = plan.rowsOf(shard);
    starts = new long[rows];
    pairs = new long[rows];
    cursors = new TokenRun.Cursor[rows];
    lengths = new int[rows];
    Integer[] longestFirst = new Integer[rows];
    Arrays.setAll(longestFirst, r -> plan.firstRow(shard) + r);
    Arrays.sort(longestFirst, Comparator.comparingLong(r -> -pairs(plan, r)));
    for (int b = 0; b < rows; b++) {
      starts[b] = plan.firstPair(longestFirst[b]) - first;
      pairs[b] = pairs(plan, longestFirst[b]);
      long behind = starts[b] + pairs[b] + 1;
      cursors[b] = pairs[b] == 0 ? null : tokens.cursor(starts[b], behind);
    }
    piece = new int[Math.addExact(longest(), 1)];
  }

  private static long pairs(StreamPlan plan, int row) {
    return plan.firstPair(row + 1) - plan.firstPair(row);
  }

  /** Returns B, the rows of every window; may be 0. */
  public int rows() {
    return starts.length;
  }

  /** Returns the windows of the plan; this shard's last ones may be empty. */
  public int windows() {
    return windows;
  }

  /** Returns the steps of the longest window. */
  public int longest() {
    return rows() == 0 ? 0 : length(0, 0);
  }

  /**
   * Fills a batch with a window. Rows that have ended are there without a step.
   *
   * @param index the window, from 0
   */
  public void fill(int index, Batch batch) {
    if (index < 0 || index >= windows) {
      throw new IllegalArgumentException("window must be in [0, " + windows + ") but was " + index);
    }
    for (int b = 0; b < rows(); b++) {
      lengths[b] = length(b, index);
    }
    batch.pack(lengths, rows());
    int[] inputs = batch.tokens(0);
    int[] targets = batch.labels();
    for (int b = 0; b < rows() && lengths[b] > 0; b++) {
      cursors[b].read(starts[b] + (long) index * window, lengths[b] + 1, piece);
      for (int t = 0; t < lengths[b]; t++) {
        int position = batch.packing().at(t) + b;
        inputs[position] = piece[t];
        targets[position] = piece[t + 1];
      }
    }
  }

  /** Returns the steps of a row in a window: 0 where it has ended before. */
  private int length(int row, int index) {
    long left = pairs[row] - (long) index * window;
    return (int) Math.max(0, Math.min(window, left));
  }
}
