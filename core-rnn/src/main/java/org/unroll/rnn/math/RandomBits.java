// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

import java.util.Arrays;

/**
 * Random numbers by position rather than by sequence: the value at (key, counter) depends on
 * nothing else, so a mask or a sample is the same whichever thread, worker or attempt draws it. The
 * mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
 */
public final class RandomBits {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** The most counters of a call of {@link #upper}. */
  public static final int RUN = 512;

  private static final long[] STEPS = new long[RUN];

  static {
    Arrays.setAll(STEPS, i -> i * GOLDEN_GAMMA);
  }

  private RandomBits() {}

  /**
   * Returns a key that depends on all the parts and their order; different uses of one seed take
   * different first parts.
   */
  public static long key(long seed, long... parts) {
    long key = mix(seed + GOLDEN_GAMMA);
    for (long part : parts) {
      key = mix(key ^ mix(part + GOLDEN_GAMMA));
    }
    return key;
  }

  /** Returns 64 uniform bits. */
  public static long bits(long key, long counter) {
    return mix(key + (counter + 1) * GOLDEN_GAMMA);
  }

  /** Returns a uniform number in [0, 1), a multiple of 2^-24. */
  public static float uniform(long key, long counter) {
    return (bits(key, counter) >>> 40) * 0x1p-24f;
  }

  /**
   * Draws the upper 24 bits at a run of counters, of which {@link #uniform} is the 2^-24 fold, in
   * plain loops without a branch, which the compiler turns into vectors.
   *
   * @param counter the first
   * @param n counters, at most {@link #RUN}
   * @param scratch of as many elements
   * @param into takes what was drawn
   */
  public static void upper(long key, long counter, int n, long[] scratch, int[] into) {
    long first = key + (counter + 1) * GOLDEN_GAMMA;
    for (int i = 0; i < n; i++) {
      scratch[i] = mix(first + STEPS[i]) >>> 40;
    }
    for (int i = 0; i < n; i++) {
      into[i] = (int) scratch[i];
    }
  }

  /** Returns a uniform number in [0, 1), a multiple of 2^-53. */
  public static double uniformDouble(long key, long counter) {
    return (bits(key, counter) >>> 11) * 0x1p-53;
  }

  /** Returns a standard normal number, by the transformation of Box and Muller (1958). */
  public static double gaussian(long key, long counter) {
    double u = 1 - uniformDouble(key, 2 * counter);
    double v = uniformDouble(key, 2 * counter + 1);
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
