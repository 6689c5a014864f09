// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * The limit that kernels are measured against: how many floating-point operations a second one
 * thread does when nothing holds it up, in fused multiply-adds as wide as those of the kernels in
 * use.
 *
 * <p>The loop runs {@value Loop#CHAINS} chains of {@code x = x * x + x} side by side, enough to
 * hide the latency of an addition on processors with up to four units. A chain needs no other
 * register than its own, so that all fit where there are only 16, and from a start in (-1, 0) it
 * creeps towards 0 without ever reaching a denormal number.
 */
public final class Peak {
  /** Between two looks at the clock: some ten microseconds. */
  private static final int PASSES = 4096;

  private static final Loop LOOP = loop();

  /** Where the loops' results go, so that no compiler leaves them out. */
  private static volatile float sink;

  private Peak() {}

  /** The same loop for one kind of kernels. */
  interface Loop {
    /** Independent accumulators. */
    int CHAINS = 16;

    /** Additions and multiplications of a pass. */
    int flopsPerPass();

    /** Runs some passes; returns a number that depends on all of them. */
    float run(int passes);
  }

  /**
   * Keeps the calling thread busy.
   *
   * @param seconds how long, at least; the first call is slow until its loop is compiled
   * @return 10^9 floating-point operations a second, a fused multiply-add counting as two
   */
  public static double gflops(double seconds) {
    long passes = 0;
    long start = System.nanoTime();
    double elapsed;
    do {
      sink = LOOP.run(PASSES);
      passes += PASSES;
      elapsed = (System.nanoTime() - start) / 1e9;
    } while (elapsed < seconds);
    return passes * (double) LOOP.flopsPerPass() / elapsed / 1e9;
  }

  /** Where an accumulator starts: each elsewhere, or a compiler would make one of all. */
  static float start(int chain) {
    return -0.5f - chain / 64f;
  }

  private static Loop loop() {
    if (Ops.kernels() instanceof ScalarKernels) {
      return new ScalarPeak();
    }
    try {
      String name = Peak.class.getPackageName() + ".VectorPeak";
      return (Loop) Class.forName(name).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the vector kernels are there but not their loop", e);
    }
  }
}
