// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.util.Arrays;

/**
 * The windows of one shard: row b of window i continues row b of window i - 1, so that a state can
 * be carried from one to the next. Any window can be filled at any time, so nothing is lost when a
 * training goes on in the middle of an epoch. Not for use by two threads at a time.
 */
public final class StreamBatcher {
  private final int window;
  private final int windows;

  /**
   * Where each row's pairs start in the shard's tokens, with the end of the last row behind: {@code
   * [rows + 1]}.
   */
  private final long[] starts;

  /** Of each row; null where it has no pairs. */
  private final TokenRun.Cursor[] cursors;

  /** A row's tokens of one window, with the target of its last. */
  private final int[] piece;

  /**
   * A shard of a plan.
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
          "shard "
              + shard
              + " needs the "
              + (end - first)
              + " tokens ["
              + first
              + ", "
              + end
              + ") but was given "
              + tokens.tokens());
    }
    this.window = plan.window();
    this.windows = plan.windows();
    this.starts = new long[plan.rowsOf(shard) + 1];
    for (int b = 0; b < starts.length; b++) {
      starts[b] = plan.firstPair(plan.firstRow(shard) + b) - first;
    }
    this.cursors = new TokenRun.Cursor[rows()];
    int longest = 0;
    for (int b = 0; b < cursors.length; b++) {
      longest = Math.max(longest, length(b, 0));
      cursors[b] = starts[b] == starts[b + 1] ? null : tokens.cursor(starts[b], starts[b + 1] + 1);
    }
    this.piece = new int[Math.addExact(longest, 1)];
  }

  /** B, the rows of every window; may be 0. */
  public int rows() {
    return starts.length - 1;
  }

  /** Windows of the plan; this shard's last ones may be empty. */
  public int windows() {
    return windows;
  }

  /**
   * Fills a batch with a window. Its steps are those of the longest row here, 0 if all rows have
   * ended; behind the end of a shorter row the input is 0 and the target {@link Batch#MASKED}.
   *
   * @param index the window, from 0
   */
  public void fill(int index, Batch batch) {
    if (index < 0 || index >= windows) {
      throw new IllegalArgumentException("window must be in [0, " + windows + ") but was " + index);
    }
    int steps = 0;
    for (int b = 0; b < rows(); b++) {
      steps = Math.max(steps, length(b, index));
    }
    batch.reshape(steps, rows());
    Arrays.fill(batch.inputs(), 0, steps * rows(), 0);
    Arrays.fill(batch.targets(), 0, steps * rows(), Batch.MASKED);
    for (int b = 0; b < rows(); b++) {
      fillRow(b, index, batch);
    }
  }

  private void fillRow(int row, int index, Batch batch) {
    int length = length(row, index);
    batch.lengths()[row] = length;
    if (length == 0) {
      return;
    }
    cursors[row].read(starts[row] + (long) index * window, length + 1, piece);
    for (int t = 0; t < length; t++) {
      batch.inputs()[t * rows() + row] = piece[t];
      batch.targets()[t * rows() + row] = piece[t + 1];
    }
  }

  /** Steps of a row in a window: 0 where it has ended before. */
  private int length(int row, int index) {
    long left = starts[row + 1] - starts[row] - (long) index * window;
    return (int) Math.max(0, Math.min(window, left));
  }
}
