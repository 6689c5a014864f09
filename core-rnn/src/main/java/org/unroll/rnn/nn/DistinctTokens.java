// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

/**
 * Distinct tokens are those of a window, each once, in the order in which they first occur. What a
 * layer makes of a token's vector alone needs to be made once for all its occurrences: of a text in
 * characters, 65 instead of thousands.
 */
public final class DistinctTokens {
  /** The slot of a token id, valid if {@link #seen} has the current window. */
  private final int[] slotOf;

  private final int[] seen;
  private int window;

  private final int[] ids;
  private final int[] slots;
  private int count;

  /** Prepares for windows of at most {@code positions} tokens out of a vocabulary. */
  public DistinctTokens(int vocabulary, int positions) {
    slotOf = new int[vocabulary];
    seen = new int[vocabulary];
    ids = new int[capacity(vocabulary, positions)];
    slots = new int[positions];
  }

  /**
   * Returns the most distinct tokens that are worth it: beyond three quarters of the positions,
   * going through the slots costs what it saves.
   */
  private static int capacity(int vocabulary, int positions) {
    return (int) Math.min(vocabulary, positions * 3L / 4);
  }

  /**
   * Takes the tokens of a window.
   *
   * @return whether there are few enough; otherwise there is nothing to be read here
   * @throws IllegalArgumentException if an id is outside the vocabulary
   */
  public boolean collect(int[] tokens, int n) {
    window++;
    count = 0;
    int most = capacity(slotOf.length, n);
    for (int i = 0; i < n; i++) {
      int id = tokens[i];
      if (id < 0 || id >= slotOf.length) {
        throw new IllegalArgumentException(
            "token id " + id + " is outside the vocabulary of " + slotOf.length);
      }
      if (seen[id] != window) {
        if (count == most) {
          return false;
        }
        seen[id] = window;
        slotOf[id] = count;
        ids[count++] = id;
      }
      slots[i] = slotOf[id];
    }
    return true;
  }

  /** Returns the most distinct tokens that any window has. */
  public int most() {
    return ids.length;
  }

  /** Returns how many distinct tokens there are. */
  public int count() {
    return count;
  }

  /** Returns the ids of the distinct tokens {@code [count]}. */
  public int[] ids() {
    return ids;
  }

  /** Returns the index in {@link #ids()} of every position. */
  int[] slots() {
    return slots;
  }

  /** Returns the bytes held. */
  public long bytes() {
    return 4L * (slotOf.length + seen.length + ids.length + slots.length);
  }
}
