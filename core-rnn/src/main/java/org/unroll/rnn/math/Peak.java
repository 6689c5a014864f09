// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The limit that kernels are measured against: how many floating-point operations a second one
 * thread does when nothing holds it up, in fused multiply-adds as wide as those of the kernels in
 * use.
 *
 * <p>The loop, {@link Kernels#peak}, runs {@value Kernels#PEAK_CHAINS} chains of {@code x = x * x +
 * x} side by side, enough to hide the latency of an addition on processors with up to four units. A
 * chain needs no other register than its own, so that all fit where there are only 16, and from a
 * start in (-1, 0) it creeps towards 0 without ever reaching a denormal number.
 */
public final class Peak {
  /** The passes between two looks at the clock: some ten microseconds. */
  private static final int PASSES = 4096;

  /** The last result of the loop, kept so that no compiler leaves it out. */
  private static volatile float sink;

  private Peak() {}

  /**
   * Keeps the calling thread busy, and returns how much it computed.
   *
   * @param seconds how long, at least; the first call is slow until its loop is compiled
   * @return 10^9 floating-point operations a second, a fused multiply-add counting as two
   */
  public static double gflops(double seconds) {
    Kernels kernels = Ops.kernels();
    long passes = 0;
    long start = System.nanoTime();
    double elapsed;
    do {
      sink = kernels.peak(PASSES);
      passes += PASSES;
      elapsed = (System.nanoTime() - start) / 1e9;
    } while (elapsed < seconds);
    return passes * (double) kernels.peakFlops() / elapsed / 1e9;
  }

  /** Returns where a chain starts: each elsewhere, or a compiler would make one of all. */
  static float start(int chain) {
    return -0.5f - chain / 64f;
  }
}
