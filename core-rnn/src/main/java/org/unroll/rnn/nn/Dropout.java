// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.RandomBits;

/**
 * Inverted dropout (Srivastava et al. 2014) at one place of the network: an element is 0 with
 * probability p, else divided by 1 - p. The mask is a function of a key and the element's position.
 */
public final class Dropout {
  private final double p;
  private final float[] mask;
  private final long[] scratch;
  private final int[] drawn;

  /** For at most {@code capacity} elements; with p = 0 it takes no memory and does nothing. */
  public Dropout(double p, int capacity) {
    this.p = p;
    this.mask = new float[p > 0 ? capacity : 0];
    int run = Math.min(mask.length, RandomBits.RUN);
    this.scratch = new long[run];
    this.drawn = new int[run];
  }

  /** Whether elements are ever dropped. */
  public boolean isOn() {
    return p > 0;
  }

  /** Draws the mask of a pass over n elements. */
  public void draw(long key, int n) {
    for (int i = 0; i < n; i += RandomBits.RUN) {
      int run = Math.min(RandomBits.RUN, n - i);
      RandomBits.upper(key, i, run, scratch, drawn);
      mask(i, run);
    }
  }

  private void mask(int from, int n) {
    float keep = (float) (1 / (1 - p));
    // Drawn numbers are whole, so those below p are at most one less than p rounded up.
    int most = (int) Math.ceil((float) p * 0x1p24f) - 1;
    for (int i = 0; i < n; i++) {
      // 1 for those above it and 0 for the others, without a branch, which nobody could predict.
      mask[from + i] = keep * (most - drawn[i] >>> 31);
    }
  }

  /** Multiplies n elements, values or gradients, with those of the mask from {@code from} on. */
  public void apply(float[] x, int xo, int from, int n) {
    Ops.multiply(x, xo, mask, from, n);
  }

  /** Bytes of the mask. */
  public long bytes() {
    return 4L * (mask.length + drawn.length) + 8L * scratch.length;
  }
}
