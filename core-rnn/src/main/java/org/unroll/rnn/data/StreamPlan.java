// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import org.unroll.rnn.math.Checks;

/**
 * A plan says how a sequence of N tokens is cut into streams. There are P = N - 1 pairs of an input
 * and its target, the token behind it. Row r covers the pairs {@code [r * P / rows, (r + 1) * P /
 * rows)} and shard s owns the rows {@code [s * rows / shards, (s + 1) * rows / shards)}, rounded
 * down. So every pair is used exactly once, rows differ by at most one pair, and a shard's tokens
 * are one contiguous run. Rows are empty where P is smaller than their number, and shards where
 * there are more of them than rows.
 *
 * @param tokens N, may be 0
 * @param rows streams over all shards together
 * @param shards S, contiguous parts of the data
 * @param window T, the most steps of a window
 */
public record StreamPlan(long tokens, int rows, int shards, int window) {

  public StreamPlan {
    Checks.notNegative("tokens", tokens);
    Checks.positive("rows", rows);
    Checks.positive("shards", shards);
    Checks.positive("window", window);
  }

  /** Returns P, the number of scored tokens of all rows together. */
  public long pairs() {
    return Math.max(0, tokens - 1);
  }

  /** Returns the first row of a shard; the number of rows for {@code shard == shards}. */
  public int firstRow(int shard) {
    if (shard < 0 || shard > shards) {
      throw new IllegalArgumentException("shard must be in [0, " + shards + "] but was " + shard);
    }
    return (int) ((long) shard * rows / shards);
  }

  /** Returns the rows of a shard, 0 for some when there are more shards than rows. */
  public int rowsOf(int shard) {
    return firstRow(shard + 1) - firstRow(shard);
  }

  /** Returns the rows of the largest shard. */
  public int maxRows() {
    return (int) ceilDiv(rows, shards);
  }

  /** Returns the position of the first token a shard needs: the first input of its first row. */
  public long firstToken(int shard) {
    return firstPair(firstRow(shard));
  }

  /**
   * Returns the position behind the last token a shard needs, the target of its last pair; the
   * first token if it has no pairs.
   */
  public long endToken(int shard) {
    long first = firstToken(shard);
    long endOfPairs = firstPair(firstRow(shard + 1));
    return endOfPairs == first ? first : endOfPairs + 1;
  }

  /**
   * Returns the windows of an epoch, the same for all shards: the windows of the longest row.
   *
   * @throws IllegalArgumentException if there are more than an {@code int} can count
   */
  public int windows() {
    long windows = ceilDiv(ceilDiv(pairs(), rows), window);
    if (windows > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          ("%d tokens in %d rows make %d windows of %d steps, more than 2^31:"
                  + " use more rows or longer windows")
              .formatted(tokens, rows, windows, window));
    }
    return (int) windows;
  }

  private static long ceilDiv(long a, long b) {
    return a / b + (a % b == 0 ? 0 : 1);
  }

  /** Returns {@code row * P / rows} without overflow; P for {@code row == rows}. */
  long firstPair(int row) {
    return row * (pairs() / rows) + row * (pairs() % rows) / rows;
  }
}
