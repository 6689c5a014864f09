// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;

/**
 * Dropout, inverted (Srivastava et al. 2014), belongs to one place of the network: an element is 0
 * with probability p, else divided by 1 - p. The mask is a function of a key and the element's
 * position.
 */
public final class Dropout {
  private final double p;
  private final float[] mask;
  private final long[] scratch;
  private final int[] drawn;

  /** Prepares for at most {@code capacity} elements; with p = 0 there is no mask. */
  Dropout(double p, int capacity) {
    this.p = p;
    this.mask = new float[p > 0 ? capacity : 0];
    int run = Math.min(mask.length, RandomBits.RUN);
    this.scratch = new long[run];
    this.drawn = new int[run];
  }

  /** Draws the mask of a pass over n elements. */
  void draw(long key, int n) {
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
  void apply(float[] x, int xo, int from, int n) {
    Ops.multiply(x, xo, mask, from, n);
  }

  long bytes() {
    return 4L * (mask.length + drawn.length) + 8L * scratch.length;
  }

  /**
   * Drops elements of the vectors of packed sequences, with a mask for every step or, locked, one
   * for every sequence (Gal and Ghahramani 2016).
   */
  public static final class OfSequences {
    private final Dropout dropout;
    private final boolean locked;
    private final int width;

    /** Prepares for at most {@code positions} steps in all, in {@code rows} sequences. */
    public OfSequences(double p, boolean locked, int positions, int rows, int width) {
      this.locked = locked;
      this.width = width;
      int vectors = locked ? rows : positions;
      dropout = new Dropout(p, p > 0 ? Math.multiplyExact(vectors, width) : 0);
    }

    /** Returns whether elements are ever dropped. */
    public boolean isOn() {
      return dropout.p > 0;
    }

    /** Draws the masks of a batch. */
    public void draw(long key, Packing packing) {
      dropout.draw(key, (locked ? packing.rows() : packing.positions()) * width);
    }

    /** Multiplies the vectors of some steps, or their gradients {@code [N, width]}, with masks. */
    public void apply(float[] x, Packing packing, int from, int to) {
      for (int t = from; t < to; t++) {
        int at = packing.at(t) * width;
        dropout.apply(x, at, locked ? 0 : at, packing.rowsAt(t) * width);
      }
    }

    /** Returns the bytes of the masks. */
    public long bytes() {
      return dropout.bytes();
    }
  }

  /**
   * Drops elements of a recurrent matrix {@code [G H, H]} for a batch (DropConnect, Wan et al.
   * 2013; on recurrent weights Merity et al. 2018), and holds the gradient of what is left.
   */
  static final class OfWeights {
    private final Dropout dropout;
    final float[] weights;
    final float[] gradient;

    OfWeights(double p, int size) {
      dropout = new Dropout(p, size);
      weights = new float[size];
      gradient = new float[size];
    }

    /** Takes the matrix at {@code from} with the mask of a key. */
    void draw(float[] params, int from, long key) {
      System.arraycopy(params, from, weights, 0, weights.length);
      dropout.draw(key, weights.length);
      dropout.apply(weights, 0, 0, weights.length);
    }

    /** Adds the gradient of the whole matrix to that at {@code at}. */
    void addTo(Gradient into, int at) {
      dropout.apply(gradient, 0, 0, gradient.length);
      into.addTo(at, at + gradient.length);
      Ops.add(gradient, 0, into.values(), at, gradient.length);
    }

    long bytes() {
      return dropout.bytes() + 4L * (weights.length + gradient.length);
    }
  }
}
