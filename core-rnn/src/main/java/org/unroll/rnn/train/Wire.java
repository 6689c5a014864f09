// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import org.unroll.rnn.math.Bf16;

/**
 * A wire is the form in which numbers travel between shards and the optimiser. With {@link #BF16}
 * every shard's sum, and every sum of sums below the root of {@link ShardTree}, is rounded to 16
 * bits, and so are the parameters that the shards compute with; additions, the optimiser and its
 * parameters stay in 32 bits. Rounding is part of the result wherever sums are added, on the way or
 * not, so that who hosts which shards still changes no bit.
 */
public enum Wire {
  /** Numbers travel as they are. */
  FP32(Float.BYTES),
  /** Numbers are rounded to the upper half of a float, to nearest, ties to even. */
  BF16(Short.BYTES);

  private final int bytes;

  Wire(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of a number on its way. */
  public int bytes() {
    return bytes;
  }

  /** Returns how the sum of a node travels: the total is never rounded, wherever it was added. */
  public Wire of(ShardTree.Node node, int shards) {
    return node.hi() - node.lo() == shards ? FP32 : this;
  }

  /** Rounds n numbers to what can travel. */
  public void round(float[] x, int from, int n) {
    if (this == BF16) {
      Bf16.round(x, from, n);
    }
  }

  /**
   * Returns parameters as shards compute with them in training.
   *
   * @param spare what the call before returned, or anything, to be used again
   * @return the parameters themselves where nothing is rounded, otherwise a rounded copy
   */
  public float[] rounded(float[] params, float[] spare) {
    if (this == FP32) {
      return params;
    }
    float[] copy = spare.length == params.length ? spare : new float[params.length];
    System.arraycopy(params, 0, copy, 0, params.length);
    round(copy, 0, copy.length);
    return copy;
  }
}
