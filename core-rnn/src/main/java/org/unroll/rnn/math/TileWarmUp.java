// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * Has each register tile compiled soon after its first uses. A vector outside of fully compiled
 * code is an object, and a tile some hundred times slower; the tile of a matrix's last columns,
 * called a thousand times less often than the others, would stay so for seconds and take most of
 * their time. Short calls in a row reach the compiler's thresholds in a few hundredths of a second.
 */
final class TileWarmUp {
  /** Calls after which a tile is worth compiling. */
  private static final int AT = 20;

  /** More than the invocations after which the JVM compiles for good. */
  private static final int CALLS = 6000;

  /** A loop that runs more than once, so that the compiler expects it to. */
  private static final int K = 4;

  private final Kernels kernels;

  /** By form, vectors and rows; threads may miss each other's counts. */
  private final int[] calls;

  TileWarmUp(Kernels kernels) {
    this.kernels = kernels;
    calls = new int[4 * (kernels.tileRows() + 1)];
  }

  /** Counts a call of a tile. */
  void count(boolean copied, int vectors, int rows) {
    int kind = ((copied ? 2 : 0) + vectors - 1) * (kernels.tileRows() + 1) + rows;
    if (calls[kind] < AT && ++calls[kind] == AT) {
      run(copied, vectors, rows);
    }
  }

  private void run(boolean copied, int vectors, int rows) {
    int width = vectors * kernels.lanes();
    float[] a = new float[rows * K];
    float[] b = new float[K * width];
    float[] c = new float[rows * width];
    for (int i = 0; i < CALLS; i++) {
      if (copied) {
        kernels.copiedTile(rows, vectors, K, a, 0, b, 0, c, 0, width, c, 0, width);
      } else {
        kernels.tile(rows, vectors, K, a, 0, K, b, 0, c, 0, width, c, 0, width);
      }
    }
  }
}
