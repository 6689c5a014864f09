// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.BitSet;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;

/**
 * A slice of a {@link WeightedSum} on its own: elements in blocks of {@link Gradient#BLOCK}, of
 * which only those that were written count. Losses are slices without elements.
 */
public final class Slice {
  private final float[] values = new float[Slices.SIZE];
  private final BitSet written = new BitSet(Slices.BLOCKS);
  private Loss loss = Loss.ZERO;

  Slice() {}

  /** Its elements, to be filled in. */
  public float[] values() {
    return values;
  }

  /** Says that the blocks from one to another, exclusive, are filled in. */
  public void write(int fromBlock, int toBlock) {
    written.set(fromBlock, toBlock);
  }

  Loss loss() {
    return loss;
  }

  void setLoss(Loss loss) {
    this.loss = loss;
  }

  /** Back to a slice of nothing. */
  void clear() {
    written.clear();
    loss = Loss.ZERO;
  }

  /** Adds a slice of the same place, as {@link Gradient#add} does. */
  void add(Slice other, int size) {
    sumTo(other, size, values, 0);
    written.or(other.written);
    loss = loss.plus(other.loss);
  }

  /** Adds the blocks that count to a set of them. */
  void markIn(BitSet blocks) {
    blocks.or(written);
  }

  /** Puts the sum with a slice of the same place, as far as either counts, into an array. */
  void sumTo(Slice other, int size, float[] into, int at) {
    for (int b = 0; b * Gradient.BLOCK < size; ) {
      boolean mine = written.get(b);
      boolean theirs = other.written.get(b);
      int end = Math.min(endOfRun(written, b, mine), endOfRun(other.written, b, theirs));
      int from = b * Gradient.BLOCK;
      int n = Math.min(size, end * Gradient.BLOCK) - from;
      if (mine && theirs) {
        Ops.sum(values, from, other.values, from, into, at + from, n);
      } else if (theirs) {
        System.arraycopy(other.values, from, into, at + from, n);
      } else if (mine && into != values) {
        System.arraycopy(values, from, into, at + from, n);
      }
      b = end;
    }
  }

  private static int endOfRun(BitSet written, int block, boolean there) {
    int end = there ? written.nextClearBit(block) : written.nextSetBit(block);
    return end < 0 ? Slices.BLOCKS : Math.min(end, Slices.BLOCKS);
  }

  /** Rounds what counts. */
  void round(Wire wire, int size) {
    for (int b = written.nextSetBit(0); b >= 0; ) {
      int end = written.nextClearBit(b);
      int from = b * Gradient.BLOCK;
      wire.round(values, from, Math.min(size, end * Gradient.BLOCK) - from);
      b = written.nextSetBit(end);
    }
  }
}
