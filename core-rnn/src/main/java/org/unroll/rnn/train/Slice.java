// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.BitSet;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.model.Loss;
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
    for (int b = other.written.nextSetBit(0); b >= 0; b = other.written.nextSetBit(b)) {
      boolean there = written.get(b);
      int end = Math.min(other.written.nextClearBit(b), endOfRun(b, there));
      int from = b * Gradient.BLOCK;
      int n = Math.min(size, end * Gradient.BLOCK) - from;
      if (there) {
        Ops.add(other.values, from, values, from, n);
      } else {
        System.arraycopy(other.values, from, values, from, n);
        written.set(b, end);
      }
      b = end;
    }
    loss = loss.plus(other.loss);
  }

  private int endOfRun(int block, boolean there) {
    if (there) {
      return written.nextClearBit(block);
    }
    int next = written.nextSetBit(block);
    return next < 0 ? Slices.BLOCKS : next;
  }

  /** Rounds what counts. */
  void round(Wire wire, int size) {
    forEachRun(size, (from, n) -> wire.round(values, from, n));
  }

  /** Copies what counts to its place in a gradient, without saying there that it counts. */
  void copyTo(float[] gradient, int at, int size) {
    forEachRun(size, (from, n) -> System.arraycopy(values, from, gradient, at + from, n));
  }

  /** What is done with a run of elements that count. */
  @FunctionalInterface
  interface Run {
    void at(int from, int n);
  }

  /** The runs of elements that count, in a slice of this size. */
  void forEachRun(int size, Run run) {
    for (int b = written.nextSetBit(0); b >= 0; ) {
      int end = written.nextClearBit(b);
      int from = b * Gradient.BLOCK;
      run.at(from, Math.min(size, end * Gradient.BLOCK) - from);
      b = written.nextSetBit(end);
    }
  }
}
