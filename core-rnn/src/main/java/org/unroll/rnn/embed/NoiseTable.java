// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import org.unroll.rnn.math.RandomBits;

/**
 * Draws words by their count to the power of 3/4, the noise of Mikolov et al. 2013, in constant
 * time by the alias method (Walker 1977; Vose 1991). Immutable.
 */
final class NoiseTable {
  private static final double POWER = 0.75;

  /**
   * The limits, of all 2^31, below which a place keeps its own word; from it on it gives the alias.
   */
  private final long[] limits;

  private final int[] aliases;

  /**
   * Makes the distribution over words.
   *
   * @param counts of each word, at least one of them positive; a word with 0 is never drawn
   */
  NoiseTable(long[] counts) {
    int n = counts.length;
    double[] share = new double[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      share[i] = weight(counts[i]);
      total += share[i];
    }
    limits = new long[n];
    aliases = new int[n];
    int[] small = new int[n];
    int[] large = new int[n];
    int smalls = 0;
    int larges = 0;
    for (int i = 0; i < n; i++) {
      share[i] *= n / total;
      aliases[i] = i;
      if (share[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    while (smalls > 0 && larges > 0) {
      int s = small[--smalls];
      int l = large[larges - 1];
      limits[s] = (long) (share[s] * 0x1p31);
      aliases[s] = l;
      share[l] -= 1 - share[s];
      if (share[l] < 1) {
        larges--;
        small[smalls++] = l;
      }
    }
    fillRest(small, smalls, counts);
    fillRest(large, larges, counts);
  }

  /** Returns what the probability of a word of this count is proportional to. */
  static double weight(long count) {
    return StrictMath.pow(count, POWER);
  }

  /** Lets the places that rounding has left over stand for themselves. */
  private void fillRest(int[] places, int count, long[] counts) {
    for (int i = 0; i < count; i++) {
      limits[places[i]] = counts[places[i]] > 0 ? 1L << 31 : 0;
    }
  }

  /** Returns the word at a position of the random sequence of a key. */
  int draw(long key, long counter) {
    long bits = RandomBits.bits(key, counter);
    int place = (int) ((bits >>> 32) * limits.length >>> 32);
    return (bits & 0x7fffffffL) < limits[place] ? place : aliases[place];
  }
}
